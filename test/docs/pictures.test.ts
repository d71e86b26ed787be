import { test } from 'node:test';
import { golden } from '../golden.ts';
import { evidencePicture, oddsPicture } from './pictures.ts';

test('the pictures of docs/analysis.md are what the comparison says', () => {
  golden('../../docs/analysis-evidence.svg', evidencePicture());
  golden('../../docs/analysis-odds.svg', oddsPicture());
});
