// What was chosen on the page. The modules beside this one share it.

/** `config` is what /demo/config says, `user` one of its people; an empty choice leaves it to the JWT, the browser or the policy. */
export const state = { config: null, user: null, role: "", language: "", voice: "", model: "" };

/** The body of a request for a token, as chosen. */
export function wishes() {
  const { role, language, voice, model } = state;
  const body = {};
  if (role) body.role = role;
  if (language) body.language = language;
  if (voice || model) {
    body.session = { type: "realtime" };
    if (model) body.session.model = model;
    if (voice) body.session.audio = { output: { voice } };
  }
  return body;
}
