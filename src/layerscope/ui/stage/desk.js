// The editor that is on the page, for the parts that name its lines: they may be in another stage.

export const desk = {
  editor: null,
  isAwaited: false, // somebody asked what their code means, and waits for the answer

  /** On a phone the answer is below the editor, out of sight: whoever waits for it is taken there. */
  show(answer) {
    if (!this.isAwaited || !answer.isConnected) return;
    this.isAwaited = false;
    const editor = this.editor?.node.getBoundingClientRect();
    const { top } = answer.getBoundingClientRect();
    if (!editor || top < editor.bottom) return; // beside it
    if (top < 0 || top > innerHeight / 2) answer.scrollIntoView({ block: "start" });
  },
};
