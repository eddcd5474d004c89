import { Readable } from 'node:stream';
import type { IndexSource } from '../../src/ports/index-source.ts';
import type { UpstreamId } from '../../src/pypi/model.ts';

/** An upstream that gives what it is given, and counts. */
export interface FakeIndexSource extends IndexSource {
  /** by file URL */
  readonly metadata: Map<string, Uint8Array>;
  /** by `project`, `project/version`, or the URL of a provenance document */
  readonly documents: Map<string, unknown>;
  list: { contentType: string; text: string };
  readonly asked: string[];
}

export function fakeIndexSource(id: string): FakeIndexSource {
  const source: FakeIndexSource = {
    id: id as UpstreamId,
    metadata: new Map(),
    documents: new Map(),
    list: { contentType: 'application/json', text: '{"projects":[]}' },
    asked: [],
    fetchPage: () => Promise.reject(new Error('pages come from the project index')),
    fetchFile: () => Promise.reject(new Error('files come from the intake')),
    async fetchMetadata(url) {
      source.asked.push(`${url}.metadata`);
      return source.metadata.get(url);
    },
    async fetchProvenance(url) {
      source.asked.push(url);
      return source.documents.get(url);
    },
    async fetchProjectList() {
      source.asked.push('list');
      return { contentType: source.list.contentType, body: Readable.from([Buffer.from(source.list.text)]) };
    },
    async fetchProjectJson(project, version) {
      const key = version === undefined ? project : `${project}/${version}`;
      source.asked.push(key);
      return source.documents.has(key)
        ? { url: `https://pypi.org/pypi/${key}/json`, document: source.documents.get(key) }
        : undefined;
    },
  };
  return source;
}
