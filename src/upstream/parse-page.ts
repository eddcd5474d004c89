import type { ProjectName, ProjectPage } from '../pypi/model.ts';
import { parsePageHtml } from '../pypi/page-html.ts';
import { parsePageJson } from '../pypi/page-json.ts';

/** A project page as it came. */
export interface PageBytes {
  readonly bytes: Uint8Array;
  /** value of Content-Type, or empty */
  readonly contentType: string;
  /** URL of the answer, after redirects: the base of its links */
  readonly url: string;
  /** that was asked for */
  readonly project: ProjectName;
}

const JSON_TYPES = new Set(['application/vnd.pypi.simple.v1+json', 'application/json']);
const HTML_TYPES = new Set(['application/vnd.pypi.simple.v1+html', 'text/html']);

/**
 * Reads a page in whichever of the two views its Content-Type names. Costs about 10 ms a megabyte.
 *
 * @returns undefined when it is not a page of this project, e.g. the log-in page of a network
 */
export function parsePage({ bytes, contentType, url, project }: PageBytes): ProjectPage | undefined {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  const text = new TextDecoder('utf-8').decode(bytes);
  if (JSON_TYPES.has(type)) {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return undefined;
    }
    return parsePageJson(body, project, url);
  }
  if (!HTML_TYPES.has(type)) return undefined;
  const page = parsePageHtml(text, project, url);
  // any web page is HTML: one that links to no file must at least say that it is an index's, or it would empty the project
  const isMarked = /<meta[^>]{0,200}pypi:repository-version/i.test(text);
  return page !== undefined && (page.files.length > 0 || isMarked) ? page : undefined;
}
