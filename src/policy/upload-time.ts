const PEP_700 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|\+00:00)$/u;

/**
 * Reads an upload time as an index announces it.
 *
 * @returns UTC ms; undefined when there is none, or none that PEP 700 allows: a time without zone is no time
 */
export function parseUploadTime(text: string | undefined): number | undefined {
  if (text === undefined || !PEP_700.test(text)) return undefined;
  const at = Date.parse(text.replace(/(\.\d{3})\d+/u, '$1'));
  return Number.isNaN(at) ? undefined : at;
}
