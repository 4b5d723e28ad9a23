// Adds the reader's own zone to the title of each time; the page itself is written in UTC.
export function localTimes(root) {
  const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
  for (const time of root?.querySelectorAll("time[datetime]") ?? []) {
    if (!time.title) continue;
    time.title = `${local.format(new Date(time.dateTime))} (${time.dateTime})`;
  }
}
