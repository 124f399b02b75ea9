/**
 * No library at all: requests over open connections, which shows what server and machine allow.
 *
 * @module
 */
import { Agent, request } from "node:http";
import { inPool, run, score, seedPrompt } from "../task.mjs";

const { url } = JSON.parse(process.argv[2]);
const agent = new Agent({ keepAlive: true });

function ask(question) {
  const messages = [
    { role: "system", content: seedPrompt },
    { role: "user", content: question },
  ];
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/v1/chat/completions`, { method: "POST", agent }, async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      resolve(JSON.parse(text).choices[0].message.content);
    });
    asked.on("error", reject);
    asked.end(JSON.stringify({ model: "test-model", messages }));
  });
}

await run({
  evaluate: (examples, width) => inPool(examples, width, async ({ question, expected }) => score(await ask(question), expected)),
});
