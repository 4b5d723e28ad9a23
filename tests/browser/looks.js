// What the tests ask a page about itself. An object of functions; each lists what is wrong.
({
  _shown(selector) {
    return [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
  },

  _told(elements) {
    return elements.map((one) => one.outerHTML.slice(0, 160));
  },

  // Boxes that only a colour sets apart: nothing is left of them in forced colours.
  withoutBorder() {
    const sides = ["borderTopWidth", "borderLeftWidth"];
    return this._told(
      this._shown(".button:not([data-look=quiet]), .control, .chip, .card, .panel").filter(
        (one) => !sides.some((side) => parseFloat(getComputedStyle(one)[side])),
      ),
    );
  },

  // Texts of which a part is cut off.
  cutOff() {
    return this._told(
      this._shown("main *, header *").filter(
        (one) =>
          one.childElementCount === 0 &&
          one.textContent.trim() &&
          getComputedStyle(one).overflowY === "hidden" &&
          one.clientHeight > 2 &&
          one.scrollHeight > one.clientHeight + 1,
      ),
    );
  },

  // Text as wide as WCAG 1.4.12 lets a reader make it. The policy allows no style element.
  spaceText() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
      word-spacing: 0.16em !important } p { margin-bottom: 2em !important }`);
    document.adoptedStyleSheets = [sheet];
  },

  // Whether a ring around the element, or around the box that it fills, shows the focus.
  _isRinged(element) {
    const boxes = [element, element.parentElement, element.closest(".card, .facet, label")];
    const styles = boxes
      .filter(Boolean)
      .flatMap((box) => [getComputedStyle(box), getComputedStyle(box, "::after")]);
    return styles.some((s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2);
  },

  // Whether its middle, or an edge of something high, is in the window and not covered (2.4.11).
  _isUncovered(element) {
    const box = element.getBoundingClientRect();
    return [box.height / 2, 4, box.height - 4].some((down) => {
      const top = document.elementFromPoint(box.x + box.width / 2, box.y + down);
      return Boolean(top) && (element.contains(top) || top.contains(element));
    });
  },

  // Behind the last element the browser itself has the focus, and the page has none to show.
  isFocusSeen() {
    const one = document.activeElement;
    return one === document.body || (this._isRinged(one) && this._isUncovered(one));
  },

  // What keys can reach without its showing it.
  unseenFocus() {
    const fields = "a[href], button, input, select, textarea, summary, [tabindex='0']";
    return this._told(
      this._shown(fields).filter((one) => {
        if (one.tabIndex < 0) return false;
        one.focus();
        return document.activeElement === one && !this.isFocusSeen();
      }),
    );
  },
})
