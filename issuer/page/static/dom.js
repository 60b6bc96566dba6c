/**
 * The element with an id, which index.html has.
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${kind.name} "${id}"`);
}

/**
 * An element with text in it. Everything that comes from a token goes through here, or through textContent.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {string | readonly Node[]} [content]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, className = '', content = '') {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  if (typeof content === 'string') made.textContent = content;
  else made.append(...content);
  return made;
}

/**
 * Sets a text where it is another, so that nothing is announced, and no selection lost, for what stayed the same.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * An option of a select.
 * @param {string} value
 * @param {string} text
 */
export function option(value, text) {
  const made = element('option', '', text);
  made.value = value;
  return made;
}

const marks = { passed: '✓', failed: '✕', skipped: '–' };

/**
 * Fills a list with checks and their outcomes; what stays the same is left alone.
 * @param {HTMLElement} list
 * @param {readonly { name: string, outcome: keyof typeof marks, text: string }[]} checks
 */
export function showOutcomes(list, checks) {
  while (list.children.length > checks.length) list.lastElementChild?.remove();
  while (list.children.length < checks.length) {
    const mark = element('span', 'mark');
    mark.setAttribute('aria-hidden', 'true');
    list.append(element('li', '', [mark, element('span', 'unseen'), element('strong'), element('span', 'detail')]));
  }
  for (const [index, { name, outcome, text }] of checks.entries()) {
    const item = list.children[index];
    const [mark, spoken, title, detail] = item?.children ?? [];
    if (!item || !mark || !spoken || !title || !detail) continue;
    item.className = `check ${outcome}`;
    setText(mark, marks[outcome]);
    setText(spoken, `${outcome}: `);
    setText(title, name);
    setText(detail, text);
  }
}

/**
 * A button that copies, and says so to everybody.
 * @param {HTMLButtonElement} button
 * @param {() => string} text
 */
export function copies(button, text) {
  const label = button.textContent ?? '';
  let turn = 0;
  button.addEventListener('click', async () => {
    const mine = ++turn;
    const copied = await navigator.clipboard.writeText(text()).then(
      () => true,
      () => false,
    );
    announce(copied ? 'copied' : 'the browser does not let this page copy: select the text and press Ctrl-C');
    button.textContent = copied ? 'Copied' : 'Not copied';
    setTimeout(() => {
      if (mine === turn) button.textContent = label;
    }, 1_500);
  });
}

/**
 * Announces it to screen readers.
 * @param {string} text
 */
export function announce(text) {
  const region = byId('announcement', HTMLElement);
  // The same words twice in a row are told twice.
  region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}

/**
 * A token with a colour for each of its parts.
 * @param {HTMLElement} target
 * @param {string} token
 */
export function showToken(target, token) {
  const parts = token.split('.');
  const names = ['part-header', 'part-claims', 'part-signature'];
  target.replaceChildren(
    ...parts.flatMap((part, index) => [
      ...(index > 0 ? [element('span', 'part-dot', '.')] : []),
      element('span', names[index] ?? '', part),
    ]),
  );
}
