/** Prints of one kind that are kept of one project: the newest. With 16 a release these are its last two or more. */
export const MAX_PRINTS = 32;
