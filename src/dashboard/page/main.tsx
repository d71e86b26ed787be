import { render } from 'preact';
import { App } from './app.tsx';
import { follow } from './store.ts';

const root = document.getElementById('page');
if (root !== null) {
  follow();
  render(<App />, root);
}
