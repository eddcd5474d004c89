// Owns the list of all projects, both views, read and written as streams: PyPI's is 40 MB. Imports names, rules, htmlparser2, zod.
// Start at parseProjectList.
import { Parser } from 'htmlparser2';
import { z } from 'zod';
import type { ProjectName } from './model.ts';
import { parseProjectName } from './names.ts';
import { HTML_API_VERSION, JSON_API_VERSION } from './page-rules.ts';

/** One project of the list. */
export interface ListedProject {
  /** as the index writes it */
  readonly displayName: string;
  readonly name: ProjectName;
}

const entrySchema = z.looseObject({ name: z.string() });

function toListed(displayName: string): ListedProject | undefined {
  const name = parseProjectName(displayName);
  return name === undefined ? undefined : { displayName, name };
}

/** One element of a JSON array is longer than this only in a broken or hostile list. */
const MAX_ENTRY_LENGTH = 10_000;

/**
 * Cuts the elements out of the array `projects` of a JSON object as the text arrives, without holding more than one of them.
 * It counts brackets outside strings; each element then goes through JSON.parse.
 */
class ProjectsScanner {
  private depth = 0;
  private inString = false;
  private isEscaped = false;
  /** the last string seen at the top level of the document, without quotes */
  private key = '';
  private isInProjects = false;
  private entry = '';
  private found: ListedProject[] = [];
  /** true once the array was opened and closed */
  isComplete = false;

  /** Takes the next piece of text; returns the projects completed by it. */
  push(text: string): readonly ListedProject[] {
    this.found = [];
    for (const character of text) this.step(character);
    return this.found;
  }

  private step(character: string): void {
    if (this.isInProjects && this.depth >= 3 && this.entry.length < MAX_ENTRY_LENGTH) this.entry += character;
    if (this.inString) this.stepInString(character);
    else this.stepOutside(character);
  }

  private stepInString(character: string): void {
    if (this.isEscaped) this.isEscaped = false;
    else if (character === '\\') this.isEscaped = true;
    else if (character === '"') this.inString = false;
    else if (this.depth === 1 && this.key.length < 100) this.key += character;
  }

  private stepOutside(character: string): void {
    switch (character) {
      case '"':
        this.inString = true;
        if (this.depth === 1) this.key = '';
        break;
      case '{':
      case '[':
        this.open(character);
        break;
      case '}':
      case ']':
        this.close();
        break;
    }
  }

  private open(character: string): void {
    this.depth++;
    if (this.depth === 2 && character === '[' && this.key === 'projects') this.isInProjects = true;
    if (this.isInProjects && this.depth === 3) this.entry = character;
  }

  private close(): void {
    if (this.isInProjects && this.depth === 3) this.finishEntry();
    if (this.isInProjects && this.depth === 2) {
      this.isInProjects = false;
      this.isComplete = true;
    }
    this.depth--;
  }

  private finishEntry(): void {
    const listed = parseEntry(this.entry);
    if (listed !== undefined) this.found.push(listed);
  }
}

function parseEntry(text: string): ListedProject | undefined {
  try {
    const parsed = entrySchema.safeParse(JSON.parse(text));
    return parsed.success ? toListed(parsed.data.name) : undefined;
  } catch {
    return undefined; // one broken entry does not spoil the list
  }
}

/** Collects the text of each anchor; the list's anchors hold the name as the project writes it. */
class AnchorScanner {
  private anchorText: string | undefined;
  private found: ListedProject[] = [];
  /** true once `</html>` or `</body>` was seen */
  isComplete = false;
  private readonly parser = new Parser({
    onopentag: (name) => {
      if (name === 'a') this.anchorText = '';
    },
    ontext: (text) => {
      if (this.anchorText !== undefined && this.anchorText.length < MAX_ENTRY_LENGTH) this.anchorText += text;
    },
    onclosetag: (name, isImplied) => {
      if (name === 'a' && this.anchorText !== undefined) {
        const listed = toListed(this.anchorText.trim().replace(/\/$/, ''));
        if (listed !== undefined) this.found.push(listed);
        this.anchorText = undefined;
      }
      if ((name === 'body' || name === 'html') && !isImplied) this.isComplete = true;
    },
  });

  push(text: string): readonly ListedProject[] {
    this.found = [];
    this.parser.write(text);
    return this.found;
  }
}

/**
 * Reads the list of all projects as it arrives, in batches.
 *
 * @param contentType of the answer; anything but JSON is read as HTML
 * @throws Error when the text ends before the list does: half a list must not pass for the whole
 * @see https://packaging.python.org/en/latest/specifications/simple-repository-api/#project-list
 */
export async function* parseProjectList(
  chunks: AsyncIterable<Uint8Array>,
  contentType: string,
): AsyncGenerator<readonly ListedProject[]> {
  const scanner = /json/i.test(contentType) ? new ProjectsScanner() : new AnchorScanner();
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    const batch = scanner.push(decoder.decode(chunk, { stream: true }));
    if (batch.length > 0) yield batch;
  }
  const last = scanner.push(decoder.decode());
  if (last.length > 0) yield last;
  if (!scanner.isComplete) throw new Error('the project list ended early');
}

/** The list of all projects as text, before, between and after its entries. */
export interface ProjectListWriter {
  readonly head: string;
  write(project: ListedProject, isFirst: boolean): string;
  readonly tail: string;
}

/** Writes the list as JSON (PEP 691). */
export const jsonListWriter: ProjectListWriter = {
  head: `{"meta":{"api-version":"${JSON_API_VERSION}"},"projects":[`,
  write: (project, isFirst) => (isFirst ? '' : ',') + JSON.stringify({ name: project.displayName }),
  tail: ']}',
};

/** Writes the list as HTML (PEP 503), links relative to the list. */
export const htmlListWriter: ProjectListWriter = {
  head: `<!DOCTYPE html>\n<html lang="en">\n  <head>\n    <meta name="pypi:repository-version" content="${HTML_API_VERSION}">\n    <title>Simple index</title>\n  </head>\n  <body>\n`,
  // A name that parseProjectName accepted holds letters, digits, `.`, `-` and `_` alone.
  write: (project) => `    <a href="${project.name}/">${project.displayName}</a><br />\n`,
  tail: '  </body>\n</html>\n',
};
