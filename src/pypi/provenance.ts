// Owns the reading of a provenance document: who published a file, by which workflow. Pure. Start at parseProvenance.
// Says what the index recorded when it accepted the upload; the signatures themselves are not verified here.
import { z } from 'zod';

/** A trusted publisher of PEP 740. `repository` is the account of kinds that have no repository. */
export interface Publisher {
  /** e.g. `GitHub`, `GitLab`, `Google` */
  readonly kind: string;
  readonly repository: string;
  /** the file of the workflow in that repository */
  readonly workflow?: string;
  readonly environment?: string;
}

const MAX_TEXT = 300;
const MAX_BUNDLES = 20;
const text = z.string().max(MAX_TEXT);
const optionalText = text.nullish().catch(undefined);

const DOCUMENT = z.object({
  attestation_bundles: z
    .array(
      z.object({
        publisher: z.looseObject({ kind: text }),
        attestations: z
          .array(z.object({ envelope: z.object({ statement: z.string().max(200_000) }) }))
          .max(MAX_BUNDLES),
      }),
    )
    .max(MAX_BUNDLES),
});
const PUBLISHER = z.object({
  kind: text,
  repository: optionalText,
  email: optionalText,
  actor: optionalText,
  workflow: optionalText,
  workflow_filepath: optionalText,
  environment: optionalText,
});
const STATEMENT = z.object({
  subject: z.array(z.object({ digest: z.object({ sha256: z.string() }) })).max(MAX_BUNDLES),
});

/**
 * Reads the `provenance` document of a file.
 *
 * @param sha256 digest of the file's bytes: a bundle counts only when one of its statements names it
 * @returns the publishers, none when no statement is about these bytes; undefined when it is no such document
 * @see https://peps.python.org/pep-0740/#provenance-objects
 */
export function parseProvenance(document: unknown, sha256: string): readonly Publisher[] | undefined {
  const parsed = DOCUMENT.safeParse(document);
  if (!parsed.success) return undefined;
  return parsed.data.attestation_bundles.flatMap(({ publisher, attestations }) => {
    const isAboutFile = attestations.some(({ envelope }) => namesDigest(envelope.statement, sha256));
    const known = isAboutFile ? PUBLISHER.safeParse(publisher) : undefined;
    return known?.success === true ? [toPublisher(known.data)] : [];
  });
}

function toPublisher(raw: z.infer<typeof PUBLISHER>): Publisher {
  const workflow = raw.workflow ?? raw.workflow_filepath ?? undefined;
  const environment = raw.environment ?? undefined;
  return {
    kind: raw.kind,
    repository: raw.repository ?? raw.email ?? raw.actor ?? '',
    ...(workflow === undefined ? {} : { workflow }),
    ...(environment === undefined || environment === '' ? {} : { environment }),
  };
}

/** An in-toto statement as base64 of JSON, whose subjects are files by their digests. */
function namesDigest(statement: string, sha256: string): boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(statement, 'base64').toString('utf8'));
  } catch {
    return false; // no JSON: it is about nothing
  }
  const known = STATEMENT.safeParse(parsed);
  return known.success && known.data.subject.some(({ digest }) => digest.sha256.toLowerCase() === sha256);
}

/** Says whether two publishers are the same account; names of accounts have no case. */
export function isSameOwner(one: Publisher, other: Publisher): boolean {
  return (
    one.kind.toLowerCase() === other.kind.toLowerCase() &&
    one.repository.toLowerCase() === other.repository.toLowerCase()
  );
}
