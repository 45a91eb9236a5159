// The editor that is on the page, for the parts that speak of its lines: they may stand in another stage.

export const desk = { editor: null };
