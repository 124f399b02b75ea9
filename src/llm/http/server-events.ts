/**
 * `serverEvents`: the data of server-sent events, as a stream brings them.
 *
 * @module
 */

/** A line longer than this is no event of a model, in UTF-16 units. */
const longestLine = 64 * 1024 * 1024;

/**
 * Gives the data of each event. One that is not ended by an empty line is given at the end of the stream nonetheless.
 *
 * @throws what ends the stream early
 */
export async function* serverEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  let data: string[] = [];
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    if (rest.length > longestLine)
      throw new Error(`Expected server-sent events, got a line of more than ${longestLine} characters`);
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() as string;
    for (const line of lines) {
      if (line !== "") data = withLine(data, line);
      else if (data.length > 0) {
        yield data.join("\n");
        data = [];
      }
    }
  }
  data = withLine(data, `${rest}${decoder.decode()}`.replace(/\r$/, ""));
  if (data.length > 0) yield data.join("\n");
}

/** Comments and other fields are left aside. */
function withLine(data: string[], line: string): string[] {
  if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
  else if (line === "data") data.push("");
  return data;
}
