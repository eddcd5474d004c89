// Everything that can be wrong with a container, in one table: docs/archives.md is this table in words.
// Change an effect here, and the verdict follows. Start at ANOMALIES.
import type { AnomalyEffect } from './archive.ts';

export interface AnomalyKind {
  readonly effect: AnomalyEffect;
  /** a clause about the archive or the member, for a person */
  readonly text: string;
  /** points of a suspicious one, where it weighs more or less than SUSPICIOUS_SCORE */
  readonly score?: number;
}

const ambiguous = (text: string): AnomalyKind => ({ effect: 'ambiguous', text });
const unscannable = (text: string): AnomalyKind => ({ effect: 'unscannable', text });
const note = (text: string): AnomalyKind => ({ effect: 'note', text });
const suspicious = (text: string, score?: number): AnomalyKind => ({
  effect: 'suspicious',
  text,
  ...(score === undefined ? {} : { score }),
});

export const ANOMALIES = {
  // the file as a whole
  polyglot: ambiguous('it can be read as a zip and as a tar: installers differ in which they take'),
  'container-differs': suspicious('its bytes are not what its name promises', 4),

  // paths, in every container
  'path-empty': ambiguous('a member has no name'),
  'path-control': ambiguous('its name holds control characters'),
  'path-nul': ambiguous('its name holds a NUL byte: some readers cut it there'),
  'path-absolute': ambiguous('its path is absolute'),
  'path-escapes': ambiguous('its path climbs out of the archive with ".."'),
  'path-backslash': ambiguous('a backslash in its path is a folder on Windows and a character elsewhere'),
  'path-windows': ambiguous(
    'Windows reads a part of its path as the name of code: it drops trailing dots, spaces, streams',
  ),
  'path-below-file': ambiguous('a folder of its path is a file or a link as well'),
  'path-invisible': suspicious('its name holds invisible or direction-changing characters', 4),
  'duplicate-same': note('it is there twice, with the same content'),
  'duplicate-differs': ambiguous('it is there twice, with different content: not every reader takes the last'),
  'duplicate-differs-tar': suspicious('this data is there twice in the tar, with different content: the last one wins'),
  'duplicate-case': note('on Windows and macOS it overwrites a member that differs in upper and lower case'),
  'duplicate-case-code': suspicious('on Windows and macOS this code overwrites a member that differs in case', 2),
  'member-too-large': unscannable('it is too large to be read'),

  // zip: the end and the directory
  'zip-prefixed': ambiguous('data stands in front of the archive, or two archives are joined'),
  'zip-trailing-data': ambiguous('bytes follow the end of the archive, or its comment is cut off'),
  'zip-two-ends': ambiguous('two end records reach the end of the file: readers differ in which one holds'),
  'zip-disks': ambiguous('it says that it is split over several disks'),
  'zip-count-differs': ambiguous('the end record announces another number of members'),
  'zip-comment': note('the archive has a comment'),
  'zip64-missing': ambiguous('the end record points to a ZIP64 record that is not there'),
  'zip64-record': ambiguous('the ZIP64 end record is not right before its locator, or is extended'),
  'zip64-locator': ambiguous('the ZIP64 locator points elsewhere'),
  'zip64-differs': ambiguous('the end record and its ZIP64 counterpart differ'),
  'zip64-extra': ambiguous('its ZIP64 field has less, or more, than its header asks for, or is there twice'),
  'zip-extra': ambiguous('its extra area is not made of whole fields'),
  'zip-second-name': ambiguous('an extra field gives it another name'),
  'zip-version': ambiguous('it needs a zip version that zipfile does not know'),
  'zip-member-comment': note('it has a comment'),
  'zip-name-encoding': note('its name is not ASCII and not flagged as UTF-8'),

  // zip: local headers against the directory
  'zip-gap': ambiguous('bytes that no member accounts for stand before it'),
  'zip-overlap': ambiguous('it overlaps another member or the directory'),
  'zip-no-local-header': ambiguous('there is no local header where the directory points'),
  'zip-name-differs': ambiguous('its local header has another name'),
  'zip-flags-differ': ambiguous('its local header has other flags'),
  'zip-method-differs': ambiguous('its local header names another compression'),
  'zip-sizes-differ': ambiguous('its local header has other sizes or another checksum, or a stored member two sizes'),
  'zip-stored-descriptor': ambiguous('it is stored and its size comes after it: a streaming reader cannot see its end'),
  'zip-descriptor-differs': ambiguous('the sizes after its data differ from the directory'),

  // zip: contents
  'zip-encrypted': unscannable('it is encrypted or patched data'),
  'zip-method': unscannable('its compression method is not supported'),
  'zip-data-broken': ambiguous('its data is broken, cut off, or longer than announced'),
  'zip-size-lie': ambiguous('its content is not as long as announced'),
  'zip-hidden-bytes': ambiguous('bytes follow the end of its compressed data'),
  'zip-crc': unscannable('its checksum is wrong: no installer takes it'),
  'zip-folder-content': ambiguous('it is a folder and has content'),
  'zip-link': note('it is a link inside the archive: installers write its target as text'),
  'zip-link-code': ambiguous('it is a link that looks like code: what it is depends on whether an installer links'),

  // tar: compression
  'gzip-members': ambiguous('it is several gzip files in a row: some installers read the first only'),
  'gzip-crc': ambiguous('the gzip checksum is wrong: only an installer that reads to the end notices'),
  'gzip-trailing-data': ambiguous('bytes follow the end of the gzip data'),
  'gzip-padding': note('zero bytes follow the end of the gzip data'),
  'bzip2-streams': note('it is several bzip2 streams in a row'),
  'xz-trailing-data': ambiguous('bytes follow the end of the xz data'),
  'bzip2-trailing-data': ambiguous('bytes follow the end of the bzip2 data'),

  // tar: structure
  'tar-data-after-end': ambiguous('data follows the end of the archive'),
  'tar-no-end': note('the end mark is missing'),
  'tar-broken-header': ambiguous('a header is broken: tarfile takes it for the end, others go on or fail'),
  'tar-loose-header': ambiguous('the archive ends with a header that belongs to nothing'),
  'tar-number': ambiguous('a number in its header is not plain octal: readers differ in what they take'),
  'tar-hidden-bytes': note('its name field has bytes after its end'),
  'tar-prefix': ambiguous('its header has a name prefix, but not the format that has one'),
  'tar-type': ambiguous('its type is not one that installers know'),
  'tar-device': ambiguous('it is a device or a pipe'),
  'tar-sparse': ambiguous('it is sparse: some installers expand it, others refuse'),
  'tar-size-of-nothing': ambiguous('it is a folder, link or device and announces content'),
  'tar-folder-content': ambiguous('whether it is a file or a folder depends on the reader'),
  'tar-two-overrides': ambiguous('several headers before it give it different names'),
  'pax-malformed': ambiguous('a PAX header is not well formed'),
  'pax-twice': ambiguous('a PAX header sets a field twice'),
  'pax-global': ambiguous('a global PAX header sets the name or size of all members'),
  'pax-size': ambiguous('its PAX header and its own header give different sizes'),
  'pax-charset': ambiguous('a PAX header changes the encoding of names'),

  // tar: links
  'link-escapes': ambiguous('it is a link that leads out of the archive'),
  'link-escapes-prose': suspicious(
    'it is a page for readers and a link that leads out of the archive: some installers refuse it',
  ),
  'link-dangling': note('it is a link that leads to nothing in the archive'),
  'link-too-many': unscannable('links to folders multiply the members beyond the limit'),

  // wheel
  'wheel-no-dist-info': suspicious('there is no .dist-info folder: installers refuse it'),
  'wheel-two-dist-infos': suspicious('it has several .dist-info folders'),
  'record-missing': suspicious('there is no RECORD'),
  'record-differs': suspicious('its digest is not the one in RECORD: it was changed after the wheel was built', 2),
  'record-differs-code': suspicious(
    'its digest is not the one in RECORD: this code was changed after the wheel was built',
    6,
  ),
  'record-unlisted': note('RECORD does not list it'),
  'record-unlisted-code': suspicious('RECORD does not list this code'),
  'record-weak': note('RECORD has no usable digest for it'),
  'record-absent': note('RECORD lists it, and it is not there'),
} as const satisfies Readonly<Record<string, AnomalyKind>>;

export type AnomalyCode = keyof typeof ANOMALIES;
