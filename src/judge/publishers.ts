// Owns the question who attested a file (PEP 740). May import ports and pypi. Start at createPublisherReader.
// The document is fetched beside the file, so that nobody waits for it; a failure means that it is not known, never an alarm.
import { isCordonError } from '../errors.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { IndexSource } from '../ports/index-source.ts';
import type { Log } from '../ports/log.ts';
import type { UpstreamId } from '../pypi/model.ts';
import { type Publisher, parseProvenance } from '../pypi/provenance.ts';

export interface PublisherReader {
  /** Begins to fetch the document of a file that is about to be fetched and scanned. */
  readonly begin: (file: StoredFile) => void;
  /** The publishers; undefined: the file names no document, or it could not be read. Never throws. */
  readonly find: (file: StoredFile) => Promise<readonly Publisher[] | undefined>;
}

export interface PublisherDeps {
  readonly findSource: (upstream: UpstreamId) => Pick<IndexSource, 'fetchProvenance'> | undefined;
  readonly log: Log;
}

/** Documents that wait to be asked for. */
const MAX_BEGUN = 500;

export function createPublisherReader({ findSource, log }: PublisherDeps): PublisherReader {
  const begun = new Map<string, Promise<unknown>>();

  async function fetchDocument(file: StoredFile, url: string): Promise<unknown> {
    try {
      return await findSource(file.upstream)?.fetchProvenance(url);
    } catch (error) {
      if (!isCordonError(error)) throw error;
      const { project, file: listed } = file;
      log.debug({ project, filename: listed.filename, err: error }, 'who attested a file could not be read');
      return undefined;
    }
  }

  return {
    begin(file) {
      const { provenance } = file.file;
      if (typeof provenance !== 'string' || begun.has(file.key)) return;
      // a file whose fetch failed never asks for its document
      const oldest = begun.size < MAX_BEGUN ? undefined : begun.keys().next().value;
      if (oldest !== undefined) begun.delete(oldest);
      const fetching = fetchDocument(file, provenance);
      // whoever asks for it hears of a failure; nobody may ask
      fetching.catch(() => undefined);
      begun.set(file.key, fetching);
    },
    async find(file) {
      const { provenance } = file.file;
      const started = begun.get(file.key);
      begun.delete(file.key);
      if (typeof provenance !== 'string' || file.sha256 === undefined) return undefined;
      const stored = file.comparison?.sha256 === file.sha256 ? file.comparison.publishers : undefined;
      // a rescan of everything should not ask the index about everything again
      if (started === undefined && stored !== undefined) return stored;
      const document = await (started ?? fetchDocument(file, provenance));
      const publishers = document === undefined ? undefined : parseProvenance(document, file.sha256);
      return publishers ?? stored;
    },
  };
}
