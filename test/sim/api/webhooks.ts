// Mutating webhooks: whom the stored configurations name is asked, over TLS that must verify, within a time.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isObject, listAt, numberAt, objectAt, textAt } from '../../../src/routing/json.ts';
import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';
import type { Admitted, Step } from './admission.ts';
import { defaulted } from './defaults.ts';
import { shared } from './frozen.ts';
import { kinds } from './kinds.ts';
import { uid } from './metadata.ts';
import { patched } from './patch.ts';
import { failure, internalError, Refusal, Unfitting } from './refusal.ts';
import { reviewOf } from './review.ts';
import { isNamed, isSelected } from './rules.ts';
import type { Storage } from './storage.ts';
import type { Endpoint } from './types.ts';
import { distrust } from './trust.ts';
import { areMet, type Ground, variablesOf } from './variables.ts';

/** Where a webhook's Service leads to. */
export interface Surroundings extends Ground {
  readonly time: SimTime;
  readonly dice: Dice;
  readonly endpoints: ReadonlyMap<string, readonly Endpoint[]>;
}

/** Something went wrong that is nobody's answer: what becomes of the write is for failurePolicy to say. */
class CallFailure extends Error {}

/** The webhooks of one configuration, in their order; only those that mutate have their patches done. */
export function webhookSteps(
  around: Surroundings,
  configuration: KubeObject,
  does: 'mutate' | 'validate',
): readonly Step[] {
  return listAt(configuration, 'webhooks')
    .filter(isObject)
    .map((webhook) => stepOf(around, webhook, does));
}

function stepOf(around: Surroundings, webhook: JsonObject, does: 'mutate' | 'validate'): Step {
  const name = textAt(webhook, 'name') ?? '';
  const rules = listAt(webhook, 'rules');
  const conditions = listAt(webhook, 'matchConditions');
  return {
    name,
    isAgain: textAt(webhook, 'reinvocationPolicy') === 'IfNeeded',
    isAbout: (write) =>
      isNamed(rules, write) &&
      isSelected(around.storage, webhook, write) &&
      areMet(conditions, variablesOf(around, write)),
    async change(write) {
      try {
        const response = await asked(around, webhook, write);
        return does === 'mutate' ? changed(write, response) : (write.object ?? {});
      } catch (error) {
        if (!(error instanceof CallFailure)) throw error;
        if (textAt(webhook, 'failurePolicy') === 'Ignore') return write.object ?? {};
        throw internalError(`failed calling webhook "${name}": ${error.message}`);
      }
    },
  };
}

/** The response of a webhook that allows the write. */
async function asked(around: Surroundings, webhook: JsonObject, write: Admitted): Promise<JsonObject> {
  const id = uid(around.dice);
  const body = await exchanged(around, webhook, reviewOf(write, id));
  const response = responseIn(body, id);
  for (const warning of listAt(response, 'warnings')) write.warnings.push(warning as string);
  if (response['allowed'] === true) return response;
  throw denied(textAt(webhook, 'name') ?? '', objectAt(response, 'status'));
}

function changed({ call, object = {} }: Admitted, response: JsonObject): JsonObject {
  const patch = textAt(response, 'patch');
  if (patch === undefined) return object;
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString('utf8')) as Json;
  try {
    return shared<JsonObject>(object, defaulted(call.resource, patched(object, operations)));
  } catch (error) {
    if (error instanceof Unfitting) throw internalError(error.why);
    throw error;
  }
}

/** Why no replica of a Service can be reached. */
function unreachable(storage: Storage, namespace: string, name: string, port: number): string {
  const service = storage.get(kinds.services, namespace, name);
  if (service === undefined) return `service "${name}" not found`;
  const ports = listAt(objectAt(service, 'spec'), 'ports');
  if (!ports.some((each) => numberAt(each, 'port') === port))
    return `no service port ${port} found for service "${name}"`;
  return `no endpoints available for service "${name}"`;
}

async function exchanged(
  { storage, time, dice, endpoints }: Surroundings,
  webhook: JsonObject,
  review: JsonObject,
): Promise<string> {
  const client = objectAt(webhook, 'clientConfig');
  const service = objectAt(client, 'service');
  const [namespace, name] = [textAt(service, 'namespace') ?? '', textAt(service, 'name') ?? ''];
  const seconds = numberAt(webhook, 'timeoutSeconds') ?? 10;
  const port = numberAt(service, 'port') ?? 443;
  const url = `https://${name}.${namespace}.svc:${port}${textAt(service, 'path') ?? '/'}?timeout=${seconds}s`;
  const fail = (why: string): never => {
    throw new CallFailure(`failed to call webhook: Post "${url}": ${why}`);
  };
  const [first, ...others] = endpoints.get(`${namespace}/${name}`) ?? [];
  if (first === undefined) return fail(unreachable(storage, namespace, name, port));
  const endpoint = dice.pick([first, ...others]);
  const doubt = distrust(
    endpoint.certificate(),
    textAt(client, 'caBundle') ?? '',
    `${name}.${namespace}.svc`,
    time.now,
  );
  if (doubt !== undefined) return fail(doubt);
  const late = new AbortController();
  const answer = await Promise.race([
    endpoint.answer(review, textAt(service, 'path') ?? '/'),
    time.sleep(seconds * 1_000, late.signal),
  ]);
  late.abort();
  if (answer === undefined) return fail('context deadline exceeded');
  if (answer.status === 200) return answer.body;
  throw new CallFailure(`failed to call webhook: ${wordsOf(answer.status)}`);
}

/** What client-go makes of an answer that is no review. */
function wordsOf(status: number): string {
  if (status >= 500) return 'an error on the server ("unknown") has prevented the request from succeeding';
  return status === 404
    ? 'the server could not find the requested resource'
    : 'the server rejected our request for an unknown reason';
}

const noObject =
  'json: cannot unmarshal string into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

function responseIn(body: string, id: string): JsonObject {
  let review: Json;
  try {
    review = JSON.parse(body) as Json;
  } catch {
    // It is read as YAML, to which any text is a string.
    throw new CallFailure(`failed to call webhook: couldn't get version/kind; json parse error: ${noObject}`);
  }
  const response = objectAt(review, 'response');
  const given = textAt(response, 'uid') ?? '';
  if (given !== id)
    throw new CallFailure(
      `received invalid webhook response: expected response.uid=${JSON.stringify(id)}, got ${JSON.stringify(given)}`,
    );
  return response;
}

function denied(webhook: string, { code, reason, message }: JsonObject): Refusal {
  const by = `admission webhook "${webhook}" denied the request`;
  const why = [message, reason].find((each): each is string => typeof each === 'string' && each !== '');
  const words = why === undefined ? `${by} without explanation` : `${by}: ${why}`;
  const status = typeof code === 'number' && code >= 400 ? code : 400;
  return new Refusal(failure(status, typeof reason === 'string' ? reason : undefined, words));
}
