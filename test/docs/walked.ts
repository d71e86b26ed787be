/** Pages whose commands test/cluster/docs.test.ts runs, each in its order, one page after the other. */
export const walked: ReadonlySet<string> = new Set([]);

/** Pages whose commands another test runs: that one reads them from the page. */
export const elsewhere: Readonly<Record<string, string>> = {};
