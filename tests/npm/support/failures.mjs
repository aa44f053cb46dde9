// A reporter for `node --test`: the files with a failed test, a line each.
export default async function* failures(events) {
  for await (const { type, data } of events) {
    if (type === "test:fail" && data.file !== undefined) yield `${data.file}\n`;
  }
}
