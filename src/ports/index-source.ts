import type { Readable } from 'node:stream';
import type { ProjectName, ProjectPage, UpstreamId } from '../pypi/model.ts';

/** What an upstream said about a project page. A failure (5xx, time-out, 401, 403, unreadable) is thrown: UPSTREAM_DOWN, UPSTREAM_SLOW. */
export type PageAnswer =
  | { readonly kind: 'page'; readonly page: ProjectPage; readonly etag?: string; readonly lastModified?: string }
  | { readonly kind: 'not-modified' }
  | { readonly kind: 'absent' };

export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

/** Bytes on their way. The reader must watch `body` for errors; a stall is thrown as UPSTREAM_SLOW by the source. */
export interface FileAnswer {
  readonly status: number;
  readonly sizeBytes?: number;
  readonly body: Readable;
}

/** One configured upstream index. Adapters: upstream/. */
export interface IndexSource {
  readonly id: UpstreamId;
  fetchPage(project: ProjectName, validators: Validators): Promise<PageAnswer>;
  /** @param url an absolute URL found on a page of this upstream; anything outside its allowed origins throws FORBIDDEN before a byte is sent */
  fetchFile(url: string, signal: AbortSignal): Promise<FileAnswer>;
  /** `<url>.metadata`; undefined when the upstream has none (404) */
  fetchMetadata(url: string): Promise<Uint8Array | undefined>;
  /**
   * The JSON of a file's provenance document (PEP 740), asked once and for a short time only; undefined on 404.
   *
   * @param url as a page of this upstream gives it; outside its allowed origins: FORBIDDEN
   */
  fetchProvenance(url: string): Promise<unknown>;
  /** the root list as raw bytes (JSON preferred), for streaming to disk; NOT_FOUND when the index has none */
  fetchProjectList(signal: AbortSignal): Promise<{ readonly contentType: string; readonly body: Readable }>;
  /**
   * `/pypi/<project>/json` or `/pypi/<project>/<version>/json`, with the URL that answered: the base of its links.
   * Undefined on 404 or when the upstream has no JSON API.
   */
  fetchProjectJson(
    project: ProjectName,
    version: string | undefined,
  ): Promise<{ readonly url: string; readonly document: unknown } | undefined>;
}
