// Everything Cordon remembers, by the question asked. Adapters: storage/. Times are UTC ms.
// Every mutation takes the event it causes and writes both in one transaction.
import type { ScanReport } from '../analysis/report/scan-report.ts';
import type { PolicyEntry } from '../policy/entry.ts';
import type {
  ComparisonFacts,
  FeedRecord,
  JudgedFile,
  ReportFacts,
  StoredFile,
  StoredProject,
} from '../policy/facts.ts';
import type { ProjectName, ProjectPage, Sha256, UpstreamId } from '../pypi/model.ts';

export type { FeedRecord, ReportFacts, StoredFile, StoredProject } from '../policy/facts.ts';

/** An upstream's page as last seen; page undefined: it said 404 (negative cache). */
export interface StoredPage {
  readonly upstream: UpstreamId;
  readonly project: ProjectName;
  readonly page?: ProjectPage;
  readonly etag?: string;
  readonly lastModified?: string;
  /** when the upstream last confirmed it (200, 304 or 404) */
  readonly confirmedAt: number;
  /** digest of the model; changes only when the model changes */
  readonly revision: string;
}

/** The part of a file's row that changes without its page, and its report. */
export interface FileNotes
  extends Pick<StoredFile, 'sha256' | 'changed' | 'mismatch' | 'acceptedAt' | 'comparison'>,
    Pick<JudgedFile, 'report'> {}

/** What updateFile may change; null clears. */
export interface FileChange {
  readonly sha256?: Sha256;
  readonly metadataSha256?: string;
  readonly mismatch?: StoredFile['mismatch'] | null;
  readonly changed?: string | null;
  readonly acceptedAt?: number | null;
  readonly comparison?: ComparisonFacts | null;
}

/** Who did what, for the hash chain. */
export interface EventDraft {
  readonly kind: string;
  readonly actor: string;
  readonly reason?: string;
  readonly project?: ProjectName;
  readonly filename?: string;
  readonly sha256?: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface StoredEvent extends EventDraft {
  readonly seq: number;
  readonly at: number;
  /** hex sha256 over the previous hash and this event's canonical JSON */
  readonly hash: string;
}

/** One answer given to a client; written in batches off the hot path. */
export interface AccessRecord {
  readonly at: number;
  /** broken-off: was being served, and did not come to its end */
  readonly outcome: 'served' | 'refused' | 'held' | 'broken-off';
  readonly project: ProjectName;
  readonly filename: string;
  readonly sha256?: string;
  readonly client: string;
  readonly userAgent: string;
  readonly verdict: string;
  readonly reason: string;
  /** ms spent waiting for fetch, queue and scan, and in the hold */
  readonly fetchMs?: number;
  readonly queueMs?: number;
  readonly scanMs?: number;
  readonly holdMs?: number;
  /** broken off: of the file, at most; absent when it is not known */
  readonly sentBytes?: number;
}

/** A part of a release that can be recognised elsewhere: a module, or a line of the description. */
export interface Print {
  readonly kind: 'code' | 'text';
  readonly print: string;
}

/** Whose prints they are: the file that had them last. */
export interface PrintOwner {
  readonly upstream: UpstreamId;
  readonly project: ProjectName;
  readonly filename: string;
  readonly sha256: Sha256;
}

export interface DecisionStore {
  readonly pages: {
    findPage(upstream: UpstreamId, project: ProjectName): Promise<StoredPage | undefined>;
    /** Saves the page, its project row and its files (new ones get firstSeenAt = confirmedAt; vanished ones removedAt). One transaction. */
    savePage(
      page: StoredPage,
      files: readonly StoredFile[],
      project: StoredProject | undefined,
      events: readonly EventDraft[],
    ): Promise<void>;
    /** A 304 or 404 came: only the confirmation moves. */
    confirmPage(upstream: UpstreamId, project: ProjectName, confirmedAt: number): Promise<void>;
  };
  readonly files: {
    findByPath(path: string): Promise<StoredFile | undefined>;
    findByKey(key: string): Promise<StoredFile | undefined>;
    findByProject(upstream: UpstreamId, project: ProjectName): Promise<readonly StoredFile[]>;
    findBySha256(sha256: Sha256): Promise<readonly StoredFile[]>;
    findProject(upstream: UpstreamId, project: ProjectName): Promise<StoredProject | undefined>;
    /** The project's rows at every upstream, of many names at once; unknown names are left out. */
    findProjects(projects: readonly ProjectName[]): Promise<readonly StoredProject[]>;
    /**
     * The release of a file: every file of the same project, upstream and (PEP 440) version that is still listed or was,
     * itself first, each with its newest report, preferring `ruleset`. A file whose version is unknown is alone.
     */
    findRelease(
      file: StoredFile,
      ruleset: string,
    ): Promise<{ readonly project?: StoredProject; readonly files: readonly JudgedFile[] }>;
    /** Files of the project whose content was accepted on its own merits, by the time of that, the latest first. */
    findAccepted(upstream: UpstreamId, project: ProjectName, limit: number): Promise<readonly StoredFile[]>;
    /**
     * What was noted of the files of a project, whenever their page was read, with the newest report of each, preferring
     * `ruleset`; by file key.
     */
    findNotes(upstream: UpstreamId, project: ProjectName, ruleset: string): Promise<ReadonlyMap<string, FileNotes>>;
    /** grows when anything that a decision about a file of this project reads is written: files, digests, reports */
    findFactsRevision(upstream: UpstreamId, project: ProjectName): Promise<number>;
    /** Pins the digest of the bytes that were fetched, or records or clears a mismatch. Throws NOT_FOUND for an unknown key. */
    updateFile(key: string, change: FileChange, events: readonly EventDraft[]): Promise<void>;
  };
  readonly reports: {
    /** Facts of the newest report of each (sha256, filename), preferring `ruleset`; absent ones are left out. */
    findFacts(
      files: readonly { readonly sha256: Sha256; readonly filename: string }[],
      ruleset: string,
    ): Promise<readonly ReportFacts[]>;
    findReport(sha256: Sha256, filename: string): Promise<ScanReport | undefined>;
    saveReport(
      report: ScanReport,
      scannedAt: number,
      coreMetadata: Uint8Array | undefined,
      events: readonly EventDraft[],
    ): Promise<void>;
    /** the archive's own METADATA, which of several is for the filename to say; survives eviction of the blob */
    findCoreMetadata(sha256: Sha256, filename: string): Promise<Uint8Array | undefined>;
    /** sha256 of the core metadata of each file, in the order asked; undefined: none is known */
    findCoreMetadataDigests(
      files: readonly { readonly sha256: Sha256; readonly filename: string }[],
    ): Promise<readonly (string | undefined)[]>;
    /** files whose newest report is under another ruleset, most recently served first */
    findOutdated(
      ruleset: string,
      limit: number,
    ): Promise<readonly { readonly sha256: Sha256; readonly filename: string }[]>;
  };
  readonly policy: {
    /** runtime entries that have not been removed, expired ones included */
    listEntries(): Promise<readonly PolicyEntry[]>;
    /**
     * Writes the entry and its event, unless `findSame` finds one among the entries of that very moment (as listEntries gives
     * them, in the same transaction): then that one is the answer, and nothing is written.
     */
    addEntry(
      entry: PolicyEntry,
      event: EventDraft,
      findSame?: (entries: readonly PolicyEntry[]) => PolicyEntry | undefined,
    ): Promise<PolicyEntry | undefined>;
    /** false: no such entry */
    removeEntry(id: string, event: EventDraft): Promise<boolean>;
    /** grows by one with each mutation, in its transaction */
    revision(): Promise<number>;
    bumpRevision(event: EventDraft): Promise<number>;
    findSetting(name: string): Promise<string | undefined>;
    setSetting(name: string, value: string | undefined, event: EventDraft): Promise<void>;
    /** Calls back after each mutation, before its promise resolves. Returns how to stop. Never call the store from it. */
    onChange(listener: () => void): () => void;
  };
  readonly feeds: {
    /** Replaces the whole feed atomically. */
    replaceFeed(
      feed: string,
      records: readonly FeedRecord[],
      state: { readonly etag?: string; readonly syncedAt: number },
      event: EventDraft,
    ): Promise<void>;
    loadFeed(
      feed: string,
    ): Promise<
      { readonly records: readonly FeedRecord[]; readonly etag?: string; readonly syncedAt: number } | undefined
    >;
  };
  readonly events: {
    append(events: readonly EventDraft[]): Promise<void>;
    list(query: {
      readonly after?: number;
      readonly limit: number;
      readonly project?: ProjectName;
      readonly kind?: string;
      /** true: descending, and `after` means "before this seq" */
      readonly newestFirst?: boolean;
    }): Promise<readonly StoredEvent[]>;
    /** Walks the chain; undefined when whole, else the first broken seq. */
    verifyChain(): Promise<number | undefined>;
    /** Removes events older than `before`, leaving a checkpoint that the chain continues from. */
    prune(before: number): Promise<number>;
  };
  readonly access: {
    /** Takes the records at once and writes them within a moment, many in one transaction; every find sees them. */
    record(records: readonly AccessRecord[]): Promise<void>;
    /** A transfer did not come to its end: its record, the very object that `record` was given, says so from now on. */
    breakOff(record: AccessRecord, sentBytes: number | undefined): Promise<void>;
    findByProject(project: ProjectName, limit: number): Promise<readonly AccessRecord[]>;
    findByFile(filename: string, limit: number): Promise<readonly AccessRecord[]>;
    findBySha256(sha256: string, limit: number): Promise<readonly AccessRecord[]>;
    prune(before: number): Promise<number>;
  };
  readonly ruleset: {
    /** Records that this ruleset is in force; returns when it first was (UTC ms). */
    noteRuleset(ruleset: string, now: number): Promise<number>;
  };
  /** of what accepted releases consist, so that copies under other names are recognised */
  readonly prints: {
    /** Keeps prints of a file of a project; of a project the newest ones, so many per kind (storage/print-limits.ts). */
    savePrints(owner: PrintOwner, prints: readonly Print[]): Promise<void>;
    /** Other projects of this upstream that have some of these prints, those with most first; at most `limit`. */
    findOwners(
      prints: readonly Print[],
      upstream: UpstreamId,
      except: ProjectName,
      limit: number,
    ): Promise<readonly (PrintOwner & { readonly shared: number })[]>;
  };
  /** short unguessable ids of explanation pages: id ↔ file key */
  readonly explanations: {
    /** Returns the id of this file, made at the first call. */
    getId(fileKey: string): Promise<string>;
    findFileKey(id: string): Promise<string | undefined>;
  };
  /** when this store was made: "the day Cordon was installed" (UTC ms) */
  installedAt(): Promise<number>;
  close(): Promise<void>;
}
