import type { Node } from '../../report/report.ts';

/** What the rollout is made of. */
export function Tree({ tree }: { readonly tree: readonly Node[] }) {
  return (
    <section aria-labelledby="tree">
      <h3 id="tree">Pods</h3>
      {tree.length === 0 ? <p class="nothing">None are known.</p> : <Nodes nodes={tree} />}
    </section>
  );
}

function Nodes({ nodes }: { readonly nodes: readonly Node[] }) {
  return (
    <ul class="tree">
      {nodes.map(({ kind, name, arm, ready, status, children }) => (
        <li key={`${kind}/${name}`}>
          <span class="node" data-arm={arm ?? 'none'} data-ready={ready}>
            <span class="kind">{kind}</span> <span class="object">{name}</span>{' '}
            <span class="unseen">{arm ?? ''}</span> <span class="status">{status}</span>
          </span>
          {children.length > 0 && <Nodes nodes={children} />}
        </li>
      ))}
    </ul>
  );
}
