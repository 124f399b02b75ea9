/**
 * Commands of LaTeX that begin like an escape of JSON: `\nu`, `\times`, `\rho`.
 *
 * @module
 */

/**
 * What letters behind a single backslash are: a `"command"` when no word is left without the first letter (`\times`); `"either"` when
 * what is left may be an abbreviation (`\tau`); `"word"` when it is an ordinary word or a letter, which may well begin a line (`\nless`).
 * `undefined` for no command that is known.
 *
 * @param isArgument whether an opening brace follows
 */
export function commandOrWord(letters: string, isArgument: boolean): "command" | "either" | "word" | undefined {
  if (commands.has(letters) || families.test(letters) || (isArgument && withArgument.has(letters))) return "command";
  if (abbreviations.has(letters)) return "either";
  return words.has(letters) ? "word" : undefined;
}

/** The core of LaTeX, amsmath, amssymb, booktabs, graphicx, hyperref, and what is used like them. */
const commands: ReadonlySet<string> = new Set(
  `nabla nameref narrower natural nearrow nequiv negmedspace negthickspace negthinspace newline newpage ngeqq ngeqslant ngtr nicefrac
  ninept nLeftarrow nleftarrow nLeftrightarrow nleftrightarrow nleqq nleqslant noalign nobibliography nobreak nobreakdash
  nobreakspace nocite noexpand noindent nointerlineskip nolimits nolinebreak nolinkurl nomenclature nonfrenchspacing nonumber
  nopagebreak norm nosort notag notin notni npreceq nRightarrow nrightarrow nshortmid nshortparallel nsimeq nsubseteq nsubseteqq
  nsucceq nsupset nsupseteq nsupseteqq ntriangleleft ntrianglelefteq ntriangleright ntrianglerighteq null numberline numberwithin
  numexpr nvdash nvDash nVdash nVDash nwarrow
  tabbing tabcolsep tablename tableofcontents tanh tbinom tensor textendash textendgraf textord textordfeminine textordmasculine
  textrangle tfrac thanks thebibliography thechapter theequation thefigure thefootnote thepage therefore thesection thetable
  thispagestyle thinlines thinmuskip thinspace today tolerance tocdepth topmargin toprule topsep topskip totalheight transparent
  transpose trivlist tiny ttdefault ttfamily twocolumn
  raggedbottom raggedleft raggedright raisebox rangle rbrace rbrack rceil reflectbox relax relbar renewcommand renewenvironment
  resizebox restriction rfloor rgroup rhd rho right rightline rightmargin rightskip rightthreetimes risingdotseq rlap rmdefault
  rmfamily rmoustache rotatebox rowcolor rowcolors rparen rtimes rVert rvert`.split(/\s+/),
);
/** Beginnings that no word has without the first letter. `\textra` may be a tab and "extra". */
const families =
  /^(?:new[a-z]{3}|normal|text(?!ra|ern|en[dst]|rem|in[cg]|ort|ol|ub)[a-z]{2}|theta|thick[alms]|tikz|tilde|times|title|tabular|tcb|tracing|triangle|twohead|type|right(?:left|right|arrow|harpoon|squig))[A-Za-z]*$/;
const withArgument: ReadonlySet<string> = new Set(["text", "tag", "ref", "rm", "num", "nth", "node"]);
const abbreviations: ReadonlySet<string> = new Set("neg neq new ngeq nleq not tag tau text top".split(" "));
const words: ReadonlySet<string> = new Set(
  "ncong ne nexists ni nless nmid node nodata nparallel nprec nsim nsubset nsucc nth nu num tan to trace tt ref rm rule".split(
    " ",
  ),
);
