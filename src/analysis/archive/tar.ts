import type { AnomalyLog } from './anomalies.ts';
import { type ArchiveLimits, BudgetError, type Member } from './archive.ts';
import { ContentSink, digestBytes, KeepBudget } from './content.ts';
import { type RawLink, resolveLinks } from './links.ts';
import { isCode, isPython } from './member-kind.ts';
import { cleanPath, inspectDuplicates, inspectFolder, inspectPath, lastOfEach } from './paths.ts';
import { type Following, TarBlocks } from './tar-blocks.ts';
import { isZeroBlock, parseTarHeader, type TarHeader } from './tar-header.ts';
import { TarOverrides } from './tar-overrides.ts';
import { UnreadableError } from './unreadable.ts';

/** a longer PAX or long-name header is nothing but an attack */
const META_BYTES = 1 << 20;

/** Turns tar headers into members, as CPython's tarfile understands them. */
class TarMembers {
  readonly members: Member[] = [];
  readonly links = new Map<Member, RawLink>();
  readonly #limits: ArchiveLimits;
  readonly #log: AnomalyLog;
  readonly #budget: KeepBudget;
  readonly #overrides: TarOverrides;
  #headers = 0;
  #unpackedBytes = 0;

  constructor(limits: ArchiveLimits, log: AnomalyLog) {
    this.#limits = limits;
    this.#log = log;
    this.#budget = new KeepBudget(limits.keptBytes);
    this.#overrides = new TarOverrides(log);
  }

  /** Says what follows a header block. Throws UnreadableError. */
  readHeader(block: Uint8Array): Following {
    if (isZeroBlock(block)) {
      return 'end'; // for tarfile one zero block is the end; whatever comes after it is reported
    }
    const header = parseTarHeader(block, this.#log);
    if (header === undefined) {
      if (this.#headers === 0) {
        throw new UnreadableError('format', 'it is not a tar: the first header is not valid');
      }
      this.#log.add('tar-broken-header', '');
      return 'end';
    }
    this.#headers += 1;
    if (this.#headers > this.#limits.memberCount) {
      throw new UnreadableError('budget', `more than ${String(this.#limits.memberCount)} members`);
    }
    return 'LKxXg'.includes(header.type) ? this.#meta(header) : this.#member(this.#overrides.apply(header));
  }

  finish(): void {
    if (this.#headers === 0) {
      throw new UnreadableError('format', 'the tar holds nothing');
    }
    if (this.#overrides.isPending) {
      this.#log.add('tar-loose-header', '');
    }
  }

  #meta(header: TarHeader): Following {
    if (header.sizeBytes > META_BYTES) {
      throw new UnreadableError('budget', 'a PAX or long-name header is larger than 1 MiB');
    }
    const content = new Uint8Array(header.sizeBytes);
    let filled = 0;
    return {
      sizeBytes: content.length,
      write: (part) => {
        content.set(part, filled);
        filled += part.length;
      },
      end: () => {
        this.#overrides.add(header.type, content);
      },
    };
  }

  #member(header: TarHeader): Following {
    if (Buffer.byteLength(header.name) > this.#limits.pathBytes) {
      throw new UnreadableError('budget', `a member name is longer than ${String(this.#limits.pathBytes)} bytes`);
    }
    switch (header.type) {
      case '0':
      case '\0':
      case '7':
        return this.#file(header);
      case '1':
      case '2':
        return this.#link(header);
      case '5':
        inspectFolder(header.name, this.#log);
        return this.#noContent(header);
      case '3':
      case '4':
      case '6':
        this.#log.add('tar-device', header.name);
        return this.#noContent(header);
      case 'S':
        throw new UnreadableError('unsupported', `the tar holds a sparse member, ${header.name}`);
      default: {
        this.#log.add('tar-type', header.name, JSON.stringify(header.type));
        return this.#file(header);
      }
    }
  }

  /** tarfile goes on right after the header of a folder, link or device; other readers skip the announced size. */
  #noContent(header: TarHeader): Following {
    if (header.sizeBytes > 0) {
      this.#log.add('tar-size-of-nothing', header.name);
    }
    return 'header';
  }

  #link(header: TarHeader): Following {
    // tarfile drops the slash after a PAX path, and who unpacks with a path library always: the link is made
    const name = header.name.replace(/\/+$/u, '');
    if (name !== header.name) {
      this.#log.add('tar-folder-content', header.name);
    }
    inspectPath(name, this.#log);
    const { sizeBytes, sha256, head } = digestBytes(new Uint8Array(0), false);
    const member: Member = {
      path: cleanPath(name),
      sizeBytes,
      sha256,
      head,
      mode: header.mode,
      linkTarget: header.linkName,
      read: () => head,
    };
    this.links.set(member, { kind: header.type === '1' ? 'hard' : 'symbolic', target: header.linkName });
    this.members.push(member);
    return this.#noContent(header);
  }

  #file(header: TarHeader): Following {
    if (header.name.endsWith('/')) {
      if (header.sizeBytes > 0 || header.type !== '\0') {
        this.#log.add('tar-folder-content', header.name);
      }
      return { sizeBytes: header.sizeBytes, write: () => undefined, end: () => undefined };
    }
    inspectPath(header.name, this.#log);
    this.#unpackedBytes += header.sizeBytes;
    if (this.#unpackedBytes > this.#limits.unpackedBytes) {
      throw new UnreadableError('budget', `it unpacks to more than ${String(this.#limits.unpackedBytes)} bytes`);
    }
    const fits = header.sizeBytes <= this.#limits.memberBytes;
    const isKept = fits && this.#budget.take(header.sizeBytes, isCode(header.name));
    if (!isKept && isPython(header.name)) {
      this.#log.add('member-too-large', header.name);
    }
    const sink = new ContentSink(header.sizeBytes, isKept);
    return {
      sizeBytes: header.sizeBytes,
      write: (part) => {
        sink.write(part);
      },
      end: () => {
        this.#endFile(header, sink);
      },
    };
  }

  #endFile(header: TarHeader, sink: ContentSink): void {
    const { bytes, sizeBytes, sha256, head } = sink.end();
    const path = cleanPath(header.name);
    const read = (): Uint8Array => {
      if (bytes === undefined) {
        throw new BudgetError(`${path} was too large to be kept in memory`);
      }
      return bytes;
    };
    this.members.push({ path, sizeBytes, sha256, head, mode: header.mode, read });
  }
}

/**
 * Reads the members of a tar as CPython's tarfile does, in one pass over its decompressed chunks and in bounded memory.
 * Links have the content that they lead to. Throws UnreadableError.
 *
 * @param fileBytes size of the compressed file, for the ratio of a bomb
 */
export async function openTar(
  chunks: AsyncIterable<Uint8Array>,
  fileBytes: number,
  limits: ArchiveLimits,
  log: AnomalyLog,
): Promise<readonly Member[]> {
  const reader = new TarMembers(limits, log);
  const blocks = new TarBlocks((block) => reader.readHeader(block), log);
  // headers and padding come on top of the contents: at most three blocks a member
  const most = limits.unpackedBytes + limits.memberCount * 2_048;
  let total = 0;
  for await (const chunk of chunks) {
    total += chunk.length;
    if (total > most || (total > limits.ratioFromBytes && total > fileBytes * limits.ratio)) {
      throw new UnreadableError('budget', `it unpacks to more than ${String(total)} bytes`);
    }
    blocks.push(chunk);
  }
  blocks.finish();
  reader.finish();
  const hasHardLinks = [...reader.links.values()].some(({ kind }) => kind === 'hard');
  inspectDuplicates(reader.members, !hasHardLinks, log);
  return resolveLinks(lastOfEach(reader.members), reader.links, log);
}
