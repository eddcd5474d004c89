// Owns: core metadata text (METADATA, PKG-INFO) for made-up distributions.
// May import: nothing. Start here: metadataText.

/** Header → value, several values, or null to leave a default header out. Replaces the default of that name. */
export type MetadataFields = Readonly<Record<string, string | readonly string[] | null>>;

/** A whole document, or headers to add to or take from the defaults. */
export type MetadataOption = string | MetadataFields;

/** Defaults look like an ordinary maintained project, so that a fixture is odd only where its test makes it so. */
function defaultFields(name: string, version: string): Record<string, string | readonly string[] | null> {
  return {
    'Metadata-Version': '2.1',
    Name: name,
    Version: version,
    Summary: `Small and well tested building blocks for ${name}`,
    'Author-email': `The ${name} developers <maintainers@example.org>`,
    License: 'MIT',
    'Project-URL': [
      `Homepage, https://github.com/example/${name}`,
      `Documentation, https://${name}.readthedocs.io/`,
      `Issues, https://github.com/example/${name}/issues`,
    ],
    Classifier: [
      'Development Status :: 5 - Production/Stable',
      'Intended Audience :: Developers',
      'License :: OSI Approved :: MIT License',
      'Programming Language :: Python :: 3',
    ],
    'Requires-Python': '>=3.8',
    'Description-Content-Type': 'text/markdown',
  };
}

/** Core metadata text of a distribution. @see https://packaging.python.org/en/latest/specifications/core-metadata/ */
export function metadataText(
  name: string,
  version: string,
  metadata: MetadataOption = {},
  description?: string,
): string {
  if (typeof metadata === 'string') return metadata;
  const fields = { ...defaultFields(name, version), ...metadata };
  const lines = Object.entries(fields).flatMap(([header, value]) =>
    value === null ? [] : (typeof value === 'string' ? [value] : value).map((text) => `${header}: ${text}`),
  );
  return `${lines.join('\n')}\n\n${description ?? `# ${name}\n\nSee the documentation for a tour.\n`}`;
}
