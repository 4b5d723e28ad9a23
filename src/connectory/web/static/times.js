// Puts the browser's zone into the title of each time, unless the reader chose a zone: then the
// server has written it there.
export function localTimes(root) {
  if (document.documentElement.dataset.zone) return;
  const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
  for (const time of root?.querySelectorAll("time[datetime]") ?? []) {
    if (!time.title) continue;
    time.title = `${local.format(new Date(time.dateTime))} (${time.dateTime})`;
  }
}
