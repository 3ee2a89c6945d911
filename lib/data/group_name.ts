/** A group's name: spelled in other bytes, or with a blank around it, it is still that of one group. */
export function groupName(text: string): string {
  return text.normalize("NFC").trim();
}
