import { shells, type Shell } from './shells.ts';
import { type Args, exit, type ExitCode, type Io } from './verb.ts';

/** Writes what a shell completes by, to be put where the shell looks for it. */
export async function completion(io: Io, args: Args): Promise<ExitCode> {
  const shell = shells.find((each) => each === args.positionals[0]) ?? 'kubectl';
  io.out(scripts[shell]);
  return exit.done;
}

// Each asks `kubectl-canary __complete WORDS...`, whose last line (`:4`) is for kubectl alone.
const scripts: Readonly<Record<Shell, string>> = {
  kubectl: `#!/bin/sh
# Put this on your PATH as kubectl_complete-canary, executable: kubectl asks it what may follow "kubectl canary".
exec kubectl-canary __complete "$@"
`,
  bash: `_kubectl_canary() {
  local found
  found=$(kubectl-canary __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | grep -v '^:' | cut -f1)
  COMPREPLY=($(compgen -W "$found" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _kubectl_canary kubectl-canary
`,
  zsh: `#compdef kubectl-canary
_kubectl_canary() {
  local -a found
  found=(\${(f)"$(kubectl-canary __complete "\${(@)words[2,CURRENT]}" 2>/dev/null | grep -v '^:' | cut -f1)"})
  compadd -a found
}
compdef _kubectl_canary kubectl-canary
`,
  fish: `complete -c kubectl-canary -f -a '(kubectl-canary __complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null | string match -v ":*")'
`,
};
