export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}
/** names of the rules */
export const RULES: readonly string[];
export function checkLayers(
  folder: string,
): Promise<{ readonly modules: number; readonly violations: readonly Violation[] }>;
