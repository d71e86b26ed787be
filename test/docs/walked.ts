/** Pages whose commands test/cluster/docs.test.ts runs, one page after the other. */
export const walked: readonly string[] = ['docs/install.md', 'docs/first-canary.md', 'docs/migration.md'];

/** Pages whose commands another test does: it reads them from the page, or writes the page from what it does. */
export const elsewhere: Readonly<Record<string, string>> = {
  'docs/rules.md': 'test/admission/rules/docs.test.ts',
};
