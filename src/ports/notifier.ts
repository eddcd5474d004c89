/** Something a person should hear of now, e.g. a verdict that worsened. */
export interface Notice {
  readonly kind: 'verdict-worsened' | 'digest-mismatch' | 'feed-match' | 'policy-broken' | 'release-mutated';
  readonly at: number;
  readonly title: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Notifier {
  /** Never throws: a notice that cannot be delivered is logged. */
  notify(notice: Notice): Promise<void>;
}
