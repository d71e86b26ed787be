/** What a call ends with that its caller gave up. */
export function aborted(): Error {
  return new Error('the exchange was ended by the one who began it');
}
