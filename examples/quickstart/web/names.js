// What the page calls connections: as people do, by the account, where one tool is connected more than once.

/**
 * Sorts a list of the server by name, and gives each connection a `title`, an `account` that may be empty, and a `name` that
 * no other one of the list has.
 *
 * @param {{integration: string, label: string | null, createdAt: string}[]} connections
 * @param {(integration: string) => string} nameOf
 */
export function named(connections, nameOf) {
  const sorted = connections.toSorted((a, b) =>
    nameOf(a.integration).localeCompare(nameOf(b.integration)) || a.createdAt.localeCompare(b.createdAt));
  return sorted.map((one) => {
    const title = nameOf(one.integration);
    const alike = sorted.filter((other) => other.integration === one.integration);
    if (alike.length === 1) {
      return { ...one, title, account: one.label ?? '', name: title };
    }
    // Two without a name, or two to the same account, differ in nothing but when they were made.
    const isOnly = one.label && alike.filter((other) => other.label === one.label).length === 1;
    const number = `No. ${alike.indexOf(one) + 1}`;
    const account = isOnly ? one.label : [one.label, number].filter(Boolean).join(', ');
    return { ...one, title, account, name: `${title} (${account})` };
  });
}
