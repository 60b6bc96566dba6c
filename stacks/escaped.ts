/** Text as it is: Terraform reads "${" and "%{" as its own. What cdktf itself put in stays. */
export function escaped(text: string): string {
  return text.replace(/\$\{(?!TfToken\[)/g, '$$$${').replace(/%\{/g, '%%{');
}
