// Made by `make docs` from grokdash/contract; edit that.

export type State = "running" | "finished" | "interrupted" | "diverged" | "broken";
export type ItemKind = "view" | "sweep" | "comparison" | "text";
export type GrokState = "grokked" | "collapsed" | "memorised only" | "not within";
export type PhaseName = "memorisation" | "unsettled" | "circuit formation" | "cleanup" | "stable" | "collapsed";
export type Kind = "grid" | "points" | "bars" | "lines" | "curves" | "surface" | "table";
export type Align = "epoch" | "fraction" | "grok";
export type Mark = "memorised" | "peak" | "formed" | "clean" | "grokked" | "collapsed";
export type ThemeName = "light" | "dark";
/** How a row of the list is doing: a run, or a start that is no run yet. */
export type RowState = "running" | "finished" | "interrupted" | "diverged" | "broken" | "starting" | "failed";

/** What came of a run, as far as the list knows it without its curves. */
export type RunOutcome = "generalises" | "memorises only" | "neither" | "collapses" | "not yet" | "unknown" | "diverged" | "broken";

/** A field of the selection that is a whole number within limits. */
export type NumberField = "k" | "layer" | "h" | "n" | "a" | "b" | "c" | "s" | "ref";

/** A field of the selection that is one of a few words. */
export type WordField = "norm" | "x" | "y" | "basis" | "colour" | "order" | "matrix";

/** Any field of the selection. */
export type SelectionField = "k" | "layer" | "h" | "n" | "a" | "b" | "c" | "s" | "ref" | "norm" | "x" | "y" | "basis" | "colour" | "order" | "matrix" | "keys";

/** What the arrays of a view may depend on. */
export type ViewField = "k" | "layer" | "h" | "n" | "a" | "b" | "c" | "s" | "ref" | "norm" | "x" | "y" | "basis" | "colour" | "order" | "matrix" | "keys" | "step";

/** Whether ranges are locked over the run or follow the epoch. */
export type Norm = "run" | "epoch";

/** What the arrays of a view cost: read, milliseconds, a pass over all pairs. */
export type Cost = "stored" | "light" | "heavy";

/** Which part of a clicked point selects something. */
export type PickPlace = "x" | "y" | "point" | "customdata";

/** Formats of the numbers behind a panel. */
export type DataKind = "csv" | "npy" | "json";

/** How the pictures of several runs stand to each other. */
export type CompareMode = "side" | "overlay" | "difference";

/** Whether the same panel of several runs has the range of each run or of all. */
export type CompareRanges = "own" | "shared";

/** What a field of the form takes. */
export type FieldKind = "choice" | "boolean" | "integer" | "number" | "string";

/** By what the list of runs is filtered; also its name in the address. */
export type Facet = "operation" | "p" | "state" | "outcome" | "tag";

/** What a button does, as its ``data-act`` says. */
export type Action = "play" | "first" | "last" | "previous" | "next" | "previous-10" | "next-10" | "slower" | "faster" | "loop" | "follow" | "grok" | "previous-k" | "next-k" | "range" | "copy-link" | "export-all" | "record" | "arrange" | "pin" | "full" | "help" | "menu" | "save" | "theme" | "keys";

/** What a key does: what a button does, and what needs no button. */
export type KeyAction = "play" | "first" | "last" | "previous" | "next" | "previous-10" | "next-10" | "slower" | "faster" | "loop" | "follow" | "grok" | "previous-k" | "next-k" | "range" | "copy-link" | "export-all" | "record" | "arrange" | "pin" | "full" | "help" | "menu" | "save" | "theme" | "keys" | "search" | "previous-run" | "next-run" | "focus-panel" | "previous-step" | "next-step";

/** What the buttons of a panel do. */
export type PanelAction = "help" | "pin" | "full" | "menu";

/** What the menu of a panel offers. */
export type MenuItem = "png-2" | "png-4" | "svg" | "pdf" | "csv" | "npy" | "json" | "table" | "stored" | "copy-picture" | "copy-link" | "report" | "full";

/** What is picked: one value per thing that can be picked. */
export interface SelectionValues {
  k: number;
  layer: number;
  h: number;
  n: number;
  a: number;
  b: number;
  c: number;
  s: number;
  /** An epoch. */
  ref: number;
  norm: Norm;
  x: "linear" | "log";
  y: "log" | "linear";
  basis: "canonical" | "additive";
  colour: "ka" | "token";
  matrix: string;
  order: "frequency" | "phase" | "fraction" | "index";
  /** Frequencies joined by hyphens; empty stands for the run's own. */
  keys: string;
}

/** One word that a control offers, and how it is shown. */
export interface Choice {
  value: string;
  label: string;
}

/** One control of the rail; they come in the order in which they stand. */
export interface Control {
  name: SelectionField;
  label: string;
  /** What it is called in sentences. */
  title: string;
  /** Whether it changes only how pictures look. */
  look: boolean;
  /** Whether the runs of a comparison can have it in common. */
  shared: boolean;
  /** What a word may be; empty for numbers and for the key set. */
  choices: Array<Choice>;
}

/** What a click on a point selects, by the part of the point that says it. */
export interface Picks {
  x?: NumberField;
  y?: NumberField;
  /** The index of the point in its trace. */
  point?: NumberField;
  customdata?: NumberField;
}

/** What the player must know of one view of one run. */
export interface ViewAbout {
  id: string;
  title: string;
  question: string;
  kind: Kind;
  /** What its arrays depend on; without "step" it shows all of training. */
  reads: Array<ViewField>;
  /** What changes only the figure. */
  styles: Array<SelectionField>;
  /** Array by attribute of a trace: "0.z", or "*.z" for one trace per first index. */
  scrub: Record<string, string>;
  /** Whether notes or names of ticks in it say something of the epoch. */
  texts: boolean;
  picks: Picks;
  /** Whether its x axis is the epoch. */
  cursor: boolean;
  cost: Cost;
  /** Why this run cannot show it. */
  missing: string | null;
}

/** How a run is doing, as its writer last said. */
export interface Status {
  state: State;
  /** The state as it is shown. */
  label: string;
  /** Updates applied. */
  step: number;
  /** Updates planned. */
  epochs: number;
  message: string;
  /** What is wrong with the run as a whole, in words; empty if nothing is. */
  trouble: string;
  /** Seconds left. */
  eta_s: number | null;
  /** Unix seconds. */
  heartbeat: number;
}

/** One phase of training. */
export interface Phase {
  name: PhaseName;
  /** First epoch. */
  start: number;
  /** Last epoch. */
  end: number;
  /** Its name as it is shown. */
  title: string;
  /** The same where there is little room. */
  short: string;
  /** When and what it is, and how it was dated. */
  about: string;
}

/** One epoch that has a name. */
export interface Marker {
  code: Mark;
  label: string;
  /** The epoch. */
  step: number;
}

/** When the test accuracy rose to stay, in (after, until]; both are epochs. */
export interface Grok {
  state: GrokState;
  after: number | null;
  until: number | null;
  /** First epoch at the threshold, whether or not it stayed. */
  first_reached: number | null;
  /** Last evaluated epoch. */
  within: number;
  complete: boolean;
  /** All of that in words. */
  text: string;
}

/** What the curves of a run say of its training. */
export interface Dated {
  phases: Array<Phase>;
  /** The phase of the last evaluated epoch, and those not reached, in words. */
  stand: string;
  markers: Array<Marker>;
  /** None while no checkpoint is stored, or if nobody knows the training pairs. */
  grok: Grok | null;
}

/** What happened at an epoch, to be read on the loss curve. */
export interface Moment {
  epoch: number;
  text: string;
}

/** What changes while a run grows. */
export interface Progress extends Dated {
  /** Of the history and of the views: a run trained anew has another. */
  fingerprint: string;
  status: Status;
  /** Smallest and largest value of every number of the selection. */
  limits: Record<NumberField, [number, number]>;
  /** Key frequencies. */
  keys: Array<number>;
  keys_final: boolean;
  /** CSS colour by key frequency. */
  key_colours: Record<string, string>;
}

/** What is said of a value that does not fit; names in braces are filled in. */
export interface Misfits {
  outside: string;
  /** Where one value alone fits. */
  only: string;
  /** Of an epoch that is not stored. */
  between: string;
  no_number: string;
}

/** What the player must know of a run before it can draw. */
export interface Manifest extends Progress {
  run: string;
  title: string;
  p: number;
  /** None where nothing is known of a field. */
  config: Record<string, string | number | boolean | null>;
  config_hash: string;
  /** Epochs of the stored checkpoints, ascending. */
  steps: Array<number>;
  selection: SelectionValues;
  /** What is picked where nobody has picked anything. */
  defaults: SelectionValues;
  misfits: Misfits;
  /** Words by field; the first is the default. */
  choices: Record<WordField, Array<string>>;
  controls: Array<Control>;
  /** What of the address could not be had, in words. */
  notices: Array<string>;
  views: Record<string, ViewAbout>;
  /** Of grokdash. */
  version: string;
}

/** What has changed since the browser last asked. */
export interface Live extends Progress {
  /** Epochs of the checkpoints that it does not have. */
  steps: Array<number>;
}

/** A figure of Plotly. */
export interface Figure {
  data: Array<Record<string, any>>;
  layout: Record<string, any>;
}

/** What the panel offers of its range: a button that is pressed or not. */
export interface RangeChoice {
  /** Whether the range is that of this epoch. */
  pressed: boolean;
  text: string;
  hint: string;
}

/** What is said of a picture, with or without the picture. */
export interface FigureHead {
  /** The epoch that is shown. */
  step: number;
  sentence: string;
  /** Range by array: over the run, or of this epoch. */
  limits: Record<string, [number, number]>;
  /** What is offered where another range shows more, or is in force. */
  range: RangeChoice | null;
  /** Checkpoints whose part of the picture is still being computed. */
  pending: number;
}

/** A picture of one epoch and what is said of it. */
export interface FigureAnswer extends FigureHead {
  figure: Figure;
}

/** One of several pictures, as a line of the answer that carries them. */
export interface FigureLine {
  view: string;
  /** Of the answer, had the picture been asked for alone. */
  status: number;
  answer: FigureAnswer | Failure;
}

/** A picture: value = lo + q (hi − lo) / 254; q = 255 is a missing value. */
export interface QuantisedArray {
  dtype: "u1";
  shape: Array<number>;
  lo: number;
  hi: number;
  /** Bytes from the start of the payload. */
  offset: number;
}

/** Float32 numbers. */
export interface ExactArray {
  dtype: "f4";
  shape: Array<number>;
  /** Bytes from the start of the payload; a multiple of four. */
  offset: number;
}

/** The arrays of one epoch by attribute of a trace, such as "0.z". */
export interface Frame {
  step: number;
  /** What the view says of that epoch. */
  sentence: string;
  arrays: Record<string, QuantisedArray | ExactArray>;
}

/** The JSON at the head of a block of frames. */
export interface BlockHead {
  frames: Array<Frame>;
}

/** One paragraph of a guide. */
export interface GuidePart {
  label: string;
  text: string;
}

/** How to read a view; the parts come in the order in which they are read. */
export interface GuideAnswer {
  title: string;
  question: string;
  /** In whose words it is written. */
  operation: string;
  formula: string;
  parts: Array<GuidePart>;
}

/** Where the numbers of a saved file come from. */
export interface Provenance {
  run: string;
  title: string;
  /** Hash of the configuration. */
  config: string;
  view: string;
  epoch: number;
  selection: Record<string, string>;
  permalink: string;
  /** Of grokdash. */
  version: string;
}

/** Where a saved picture comes from; "all" is the view of a whole page. */
export interface PictureOrigin {
  run: string;
  title: string;
  config: string;
  view: string;
  epoch: number;
  selection: SelectionValues;
  permalink: string;
  version: string;
}

/** One row of the list of runs; what is not known is None. */
export interface RunRow {
  id: string;
  /** What the run is called on every page; the id of what cannot be read. */
  title: string;
  /** The name given by hand; empty if there is none. */
  name: string;
  /** Why the run cannot be used; empty if it can. */
  problem: string;
  /** Where its name, id and configuration disagree; empty if they agree. */
  notice: string;
  tags: Array<string>;
  notes: string;
  state: RowState;
  message: string;
  operation: string;
  p: number | null;
  seed: number | null;
  /** Share of all pairs. */
  train_fraction: number | null;
  weight_decay: number | null;
  lr: number | null;
  n_layers: number;
  n_heads: number;
  d_model: number;
  d_mlp: number;
  /** Updates applied. */
  step: number;
  /** Updates planned. */
  epochs: number;
  /** Their quotient. */
  progress: number;
  /** Seconds left. */
  eta_s: number | null;
  /** Nats, at the last checkpoint; so are the other three. */
  train_loss: number | null;
  test_loss: number | null;
  /** Fraction of the pairs. */
  train_accuracy: number | null;
  test_accuracy: number | null;
  /** Last evaluated epoch before the lasting rise of test accuracy. */
  grok_start: number | null;
  /** First evaluated epoch after it. */
  grok_end: number | null;
  /** The interval as a cell shows it; empty if there is nothing to show. */
  grok_text: string;
  /** The interval in words. */
  grok_hint: string;
  /** Counted when training ended; empty before. */
  key_frequencies: Array<number>;
  /** How many there are, with a star by the published rule; empty if not counted. */
  keys_text: string;
  /** Which, by which rule, and if they show no more than memorising alone gives. */
  keys_hint: string;
  outcome: RunOutcome;
  /** Test accuracy over training, at most 40 fractions. */
  sparkline: Array<number>;
  packed: boolean;
  size_bytes: number;
  /** Unix seconds. */
  created: number;
  /** Unix seconds. */
  updated: number;
}

/** What changed in the list since the answer that gave the token. */
export interface Changes {
  token: string;
  /** Whether ``rows`` are all there are. */
  all: boolean;
  rows: Array<RunRow>;
  /** Ids of runs that are no more. */
  gone: Array<string>;
}

/** What the user writes about a run; what is left out becomes empty. */
export interface NotesBody {
  title?: string;
  tags?: Array<string>;
  notes?: string;
}

/** The wish to delete a run for good. */
export interface DeleteBody {
  /** The id of the run once more. */
  confirm: string;
}

/** A request that says everything in its address. */
export interface NoBody {
}

/** It was done. */
export interface Done {
  ok: true;
}

/** A run was deleted. */
export interface Deleted {
  ok: true;
  /** Which files its folder is kept for, as none of the store; empty if it is gone. */
  left: string;
}

/** The run that comes with grokdash is in the store. */
export interface Placed {
  run: string;
}

/** Why it was not done; the status of the answer tells the kinds apart. */
export interface Failure {
  error: string;
}

/** One field of the form. */
export interface FormField {
  name: string;
  label: string;
  kind: FieldKind;
  choices: Array<string> | null;
  unit: string;
  /** What it may be, in words. */
  range: string;
  help: string;
  /** Whether it stands above the fold. */
  common: boolean;
}

/** The form that starts a run. */
export interface Form {
  /** The text of every field, by preset; the form opens with the first. */
  presets: Record<string, Record<string, string>>;
  /** What to call each preset: its size and how long it takes here. */
  about: Record<string, string>;
  fields: Array<FormField>;
  /** Why no run can be started here; empty if one can. */
  why_not: string;
}

/** A run that has the configuration of the form already. */
export interface Existing {
  state: State;
  /** The state as it is shown. */
  label: string;
  step: number;
  epochs: number;
  /** The next seed of which there is no such run. */
  free_seed: number;
}

/** What is wrong with a form, by field. */
export interface FormErrors {
  errors: Record<string, string>;
}

/** What starting a form without errors would do. */
export interface FormVerdict extends FormErrors {
  run: string;
  /** The text of every field. */
  values: Record<string, string>;
  /** How long it will take here. */
  duration: string;
  /** How that is known. */
  basis: string;
  /** What it will take of disk and memory. */
  size: string;
  /** Why it would not fit on the disk or into memory; empty if it would. */
  room: string;
  exists: Existing | null;
  command: string;
}

/** The wish to train a run. */
export interface StartBody {
  preset?: string;
  /** What differs from the preset. */
  fields?: Record<string, string | number | boolean>;
  /** Even if every core is taken. */
  sure?: boolean;
}

/** The wish to go on with an interrupted run. */
export interface ResumeBody {
  /** Even if every core is taken. */
  sure?: boolean;
}

/** A trainer was started. */
export interface Started {
  run: string;
}

/** What a trainer printed last, and how it ended. */
export interface Log {
  text: string;
  state: RowState;
  /** The state as it is shown. */
  label: string;
  message: string;
  /** Exit code, once it ended. */
  exit: number | null;
}

/** Where one run is at every place of the timeline. */
export interface TimelineColumn {
  run: string;
  /** The epoch it stays at; None if it moves. */
  pin: number | null;
  /** Of its checkpoints, one per place. */
  indices: Array<number>;
  /** Coordinate = epoch × scale. */
  scale: number;
  /** Its grok epoch. */
  grok: number | null;
}

/** One timeline for several runs. */
export interface TimelineAnswer {
  /** What is possible; it may differ from what was asked for. */
  align: Align;
  /** Title of the axis. */
  axis: string;
  /** What is said after a coordinate. */
  unit: string;
  /** Digits after the point with which a coordinate is written. */
  decimals: number;
  /** Of the places, ascending. */
  coordinates: Array<number>;
  notices: Array<string>;
  columns: Array<TimelineColumn>;
}

/** One of the runs that a picture shows, and what of it. */
export interface ComparedRun {
  run: string;
  /** Hash of the configuration. */
  config: string;
  epoch: number;
  selection: Record<string, string>;
}

/** Where a picture made of several runs and its numbers come from. */
export interface CompareOrigin {
  /** In the order of their letters; of a difference, what is left first. */
  runs: Array<ComparedRun>;
  view: string;
  mode: CompareMode;
  align: Align;
  permalink: string;
  /** Of grokdash. */
  version: string;
}

/** What is said of a picture made of several runs. */
export interface MixedHead {
  sentence: string;
  /** In what the runs are no two of a kind; empty if they are. */
  warning: string;
  /** Trace i of run l is trace offsets[l] + i; empty where traces are not kept. */
  offsets: Array<number>;
  /** The epoch of every run. */
  steps: Array<number>;
  /** Which run each letter stands for. */
  runs: string;
  /** Name of what is saved of it, without the ending. */
  file: string;
  origin: CompareOrigin;
}

/** A picture made of several runs and what is said of it. */
export interface MixedFigure extends MixedHead {
  figure: Figure;
}

/** Why there is no such picture. */
export interface Missing {
  missing: string;
}

/** One run of a film, and what is picked in it. */
export interface FilmColumn {
  run: string;
  selection: Record<string, string>;
}

/** One picture of a film. */
export interface FilmShot {
  /** The epoch of every run. */
  steps: Array<number>;
  /** What stands above the pictures of every run; empty where there is one. */
  names: Array<string>;
  /** The epoch, or whatever the runs have in common. */
  label: string;
}

/** A film: its runs and views, its size, and all its pictures in order. */
export interface FilmPlan {
  columns: Array<FilmColumn>;
  /** The view above the others, over their whole width. */
  chart: string | null;
  views: Array<string>;
  title: string;
  /** What is said quietly beside the title: which run this is. */
  origin: string;
  /** Pixels of the film. */
  width: number;
  height: number;
  /** Pixels of the film per pixel of the layout: with it letters grow. */
  ratio: number;
  shots: Array<FilmShot>;
}

/** One of the runs that a picture of a sweep shows. */
export interface SweptRun {
  run: string;
  /** Hash of the configuration. */
  config: string;
  /** Of its newest checkpoint; 0 before the first. */
  epoch: number;
}

/** Where a picture of a sweep and its numbers come from. */
export interface SweepOrigin {
  sweep: string;
  /** Empty for the table of all runs. */
  picture: string;
  /** The query that gives this choice again. */
  choice: Record<string, string>;
  runs: Array<SweptRun>;
  /** How many runs the sweep has. */
  planned: number;
  permalink: string;
  /** Of grokdash. */
  version: string;
}

/** What is said of a picture of a sweep. */
export interface SweepFigureHead {
  title: string;
  sentence: string;
  /** In pixels. */
  height: number;
  /** Of which sweep it is, and what of it is chosen. */
  about: string;
  /** Name of what is saved of it, without the ending. */
  file: string;
  origin: SweepOrigin;
}

/** A picture of a sweep and what is said of it. */
export interface SweepFigure extends SweepFigureHead {
  figure: Figure;
}

/** The numbers behind a picture: columns of equal length, null is not known. */
export interface SweepTable {
  provenance: SweepOrigin;
  arrays: Record<string, Array<any>>;
}

/** A sweep that comes with the package, and what it costs here. */
export interface ShippedSweep {
  name: string;
  title: string;
  question: string;
  varies: string;
  runs: number;
  /** Those that are not trained yet. */
  left: number;
  duration: string;
  size: string;
}

/** What a page needs to offer sweeps. */
export interface SweepForm {
  /** The shortest first. */
  shipped: Array<ShippedSweep>;
  /** How it is known what they cost. */
  basis: string;
  /** Why none can be started here; empty if one can. */
  why_not: string;
}

/** What is wrong with a form, by its keys; "" is the form as a whole. */
export interface SweepErrors {
  errors: Record<string, string>;
}

/** What starting a form without errors would do. */
export interface SweepVerdict extends SweepErrors {
  sweep: string;
  title: string;
  runs: number;
  left: number;
  /** How long it will take here. */
  duration: string;
  /** How that is known. */
  basis: string;
  /** What it will take of the disk. */
  size: string;
  /** Why it would not fit on the disk or into memory; empty if it would. */
  room: string;
  /** Whether the store has this sweep already. */
  exists: boolean;
  /** Whether it is being trained. */
  driven: boolean;
  command: string;
  /** Name of the file that the command reads; empty for a shipped one. */
  file: string;
  /** What stands in it. */
  text: string;
}

/** The wish to train a sweep. */
export interface SweepStart {
  /** What a filled form says, by its keys. */
  form: Record<string, string>;
  /** Even if every core is taken. */
  sure?: boolean;
}

/** A sweep is being trained, or soon is. */
export interface SweepStarted {
  sweep: string;
}

/** How the process does that trains a sweep. */
export interface SweepDriver {
  /** What it does, in words. */
  state: string;
  /** Whether it is being trained, or is only being started. */
  driven: boolean;
  can_stop: boolean;
  /** Whether something is left to train and nothing trains it. */
  can_go_on: boolean;
  /** Why it ended, if it should not have. */
  message: string;
  /** What it printed last. */
  text: string;
}

/** One report in the list. */
export interface ReportBrief {
  /** In addresses, and of its folder in the store. */
  name: string;
  title: string;
  items: number;
  /** Unix seconds. */
  changed: number;
  /** Why it cannot be read; empty if it can. */
  problem: string;
}

/** Every report of the store, the one changed last first. */
export interface ReportsAnswer {
  reports: Array<ReportBrief>;
  /** Whether anything can be saved here. */
  writable: boolean;
}

/** One item of a report. */
export interface ShownItem {
  id: string;
  kind: ItemKind;
  title: string;
  /** Markdown; of words alone the words. */
  caption: string;
  /** The same as HTML that does nothing. */
  html: string;
  /** Which run, epoch and choice it shows. */
  about: string;
  sentence: string;
  /** Digest of the frozen figure; empty where there is none. */
  figure: string;
  /** In pixels. */
  height: number;
  /** Where in the app the same is shown now, from its root; empty if nowhere. */
  permalink: string;
  /** What became of the runs since the picture was frozen. */
  since: "same" | "grown" | "anew" | "gone";
  /** That in words; empty if nothing did. */
  told: string;
}

/** A report. */
export interface ShownReport {
  name: string;
  title: string;
  /** Markdown. */
  notes: string;
  html: string;
  revision: number;
  /** Unix seconds. */
  changed: number;
  items: Array<ShownItem>;
  /** What was taken out last, newest first; it can be put back. */
  removed: Array<ShownItem>;
  writable: boolean;
}

/** The wish for a new report. */
export interface NewReport {
  title: string;
}

/** A report by the name that it has got. */
export interface Named {
  name: string;
  title: string;
}

/** What a reader has written to an item; one that is not known is words alone. */
export interface SavedItem {
  id: string;
  title: string;
  caption: string;
}

/** A report as a page has it: its items in their order. */
export interface ReportBody {
  /** From which it was made. */
  revision: number;
  title: string;
  notes: string;
  items: Array<SavedItem>;
}

/** The wish for a copy, of what is stored or of what a page has. */
export interface CopyBody {
  title: string;
  report?: ReportBody;
}

/** The wish to delete a report for good. */
export interface DeleteReport {
  /** Its name once more. */
  confirm: string;
}

/** A picture to be frozen, as its address names it. */
export interface AddBody {
  kind: ItemKind;
  /** The run or the sweep; empty where there are several runs. */
  of: string;
  view: string;
  query: Record<string, string>;
}

/** A picture was added. */
export interface Added {
  /** Of the report. */
  name: string;
  title: string;
  item: string;
  /** Of items in the report. */
  count: number;
}

/** A picture of a report as it goes into a file. */
export interface ItemSheet {
  id: string;
  /** Of Plotly; its ``layout.meta.sheet`` is what is drawn. */
  figure: Record<string, any>;
}

/** Pictures of a report, drawn by the page. */
export interface ExportBody {
  revision: number;
  /** SVG by item. */
  pictures: Record<string, string>;
}

/** A view that a page may show. */
export interface OfferedView {
  id: string;
  title: string;
  subject: string;
  question: string;
  /** Why this run cannot show it. */
  missing: string | null;
}

/** What panels a page shows, and what it may show instead. */
export interface Arrangement {
  /** How many at once. */
  most: number;
  defaults: Array<string>;
  chosen: Array<string>;
  views: Array<OfferedView>;
  /** What of the address could not be had, in words. */
  notices: Array<string>;
}

/** A page of one run, or a step of the tour on it. */
export interface PlayerConfig {
  kind: "run" | "tour";
  run: string;
  page: string;
  views: Array<string>;
  /** The view above the scrub bar. */
  host: string;
  /** The address that ``manifest`` was made for. */
  query: Record<string, string>;
  manifest: Manifest;
  /** None where the panels are the subject's. */
  arrangement: Arrangement | null;
}

/** A step of the tour. */
export interface TourConfig extends PlayerConfig {
  /** Its number, from 1. */
  step: number;
  /** Whether it is told anew when the run has gone on. */
  waiting: boolean;
}

/** A run that can be chosen. */
export interface StoredRun {
  id: string;
  title: string;
}

/** One run of a comparison. */
export interface CompareColumn {
  run: string;
  pin: number | null;
  letter: string;
  /** By what it differs from the others. */
  title: string;
  /** What the run is, in a few words. */
  about: string;
  colours: Record<ThemeName, string>;
}

/** A view that a comparison may show. */
export interface CompareView {
  id: string;
  title: string;
  subject: string;
  kind: Kind;
  /** Why its pictures cannot be overlaid. */
  overlay: string | null;
  /** Why they cannot be subtracted. */
  difference: string | null;
}

/** The Compare page, which has no runs yet where it is empty. */
export interface ComparePicker {
  kind: "compare" | "compare-empty";
  runs: Array<StoredRun>;
  most: number;
  /** How many runs to choose, in words. */
  hint: string;
}

/** The Compare page with runs. */
export interface CompareConfig extends ComparePicker {
  columns: Array<CompareColumn>;
  /** The view above the scrub bar. */
  chart: string;
  views: Array<CompareView>;
  defaults: Array<string>;
  aligns: Record<Align, string>;
  modes: Record<CompareMode, string>;
  ranges: Record<CompareRanges, string>;
  /** Names of the buttons of a panel; the title goes where "{title}" stands. */
  actions: Record<PanelAction, string>;
}

/** One filter of the list of runs. */
export interface FacetAbout {
  name: Facet;
  label: string;
}

/** The list of runs. */
export interface RunsConfig {
  kind: "runs";
  /** How many runs can be compared. */
  most: number;
  /** That in words. */
  hint: string;
  /** Whether runs can be started and stopped here. */
  trains: boolean;
  facets: Array<FacetAbout>;
  states: Record<RowState, string>;
  outcomes: Record<RunOutcome, string>;
}

/** A page that needs nothing but to be known; scripts may open with it or not. */
export interface PlainPage {
  kind: "sweeps" | "guide" | "problem" | "stored" | "tour-entrance" | "tour-waiting" | "reports";
}

/** Every shortcut; ``data-keys`` of the frame ``app``. */
export interface KeysConfig {
  /** By the name that the browser gives the key, "Shift+" before a named one. */
  actions: Record<string, KeyAction>;
}

/** The page of a sweep; the store ``sweep-config`` has it too. */
export interface SweepConfig {
  kind: "sweep";
  id: string;
}

/** The page of a report. */
export interface ReportConfig {
  kind: "report";
  name: string;
}

/** What ``page-config`` holds. */
export type PageConfig = PlayerConfig | TourConfig | ComparePicker | CompareConfig | RunsConfig | SweepConfig | ReportConfig | PlainPage;

/** What the page computes for a view: one head, one neuron, all pairs, one pair. */
export type Computed = "attention" | "neuron" | "answers" | "logits";

/** Integers n as 2n or −2n − 1: all low bytes, then all high bytes. */
export interface RoundedArray {
  shape: Array<number>;
  /** What 1 stands for: one for all, or one per first index. */
  units: Array<number>;
  /** Bytes from the start of the payload. */
  offset: number;
}

/** The JSON at the head of a block of rounded arrays. */
export interface RoundedHead {
  arrays: Record<string, RoundedArray>;
}

/** One view: its figures without their numbers, and where those are. */
export interface SharedView {
  /** Fields of the selection by which its figures differ. */
  fields: Array<string>;
  /** Answers without sentence and epoch, by theme and values of the fields. ``{"$": n}`` stands for an array of the pool, null for one of the frame. */
  pictures: Record<string, any>;
  /** By values of the fields, what is different at every epoch: path and value. */
  patches: Record<string, Array<Array<[Array<string | number>, any]>>>;
  /** Fields of the selection on which its numbers depend, and of which there are several. */
  reads: Array<string>;
  /** Name of the part with its frames, by the values of what it reads. */
  frames: Record<string, string>;
  /** Epochs of which there are numbers. */
  epochs: Array<number>;
  /** What is said of each of them, by the values of what it reads; where frames are computed. */
  sentences: Record<string, Array<string>>;
  computed: "attention" | "neuron" | "answers" | "logits" | null;
  /** How exact its numbers are, in words. */
  precision: string;
}

/** The weights that the file carries, folded; see ``grokdash/sharing/folded.py``. */
export interface SharedNetwork {
  /** Of the checkpoints whose weights are there. */
  epochs: Array<number>;
  parts: Array<string>;
  /** By checkpoint: pairs a·p + b whose answer is written down, and the answers. */
  told: Array<[Array<number>, Array<number>]>;
  /** Name of the part with the scores of every epoch, and the rows of one neuron. */
  scores: string;
  /** Whose rows are there for every epoch. */
  neuron: number;
  heads: number;
  d_mlp: number;
  bits: number;
}

/** What is offered where a map looks flat on the range of the run. */
export interface RangeWords {
  text: string;
  /** Where it is not in force, and where it is. */
  hints: Array<string>;
}

/** Sentences whose names in braces are filled in. */
export interface SharedWords {
  absent: string;
  neuron: string;
  head: string;
  pair: string;
  answers: string;
  damaged: string;
  range: RangeWords;
}

/** What the page must know before it can draw. */
export interface ShareHead {
  manifest: Manifest;
  views: Record<string, SharedView>;
  /** The views in the order of their panels; the first is the chart. */
  order: Array<string>;
  moments: Array<Moment>;
  guides: Record<string, GuideAnswer>;
  pool: Array<any>;
  /** The answers of all pairs, a·p + b; plus p where the network was trained on it, −1 where there is none. */
  split: Array<number>;
  network: SharedNetwork | null;
  words: SharedWords;
}

/** A picture made of several runs: as it is drawn, less what changes by epoch. */
export interface SiteMixed {
  /** Why there is none; empty if there is. */
  missing: string;
  /** Whether it differs by how the runs are aligned. */
  aligned: boolean;
  /** Fields of the selection by which it differs. */
  fields: Array<string>;
  /** Figures by theme, alignment and values of the fields; see ``ShareHead.pool``. */
  pictures: Record<string, any>;
  /** Trace i of run l is trace offsets[l] + i; empty where traces are not kept. */
  offsets: Array<number>;
  /** What is said of it at the last place. */
  head: MixedHead | null;
}

/** The page of several runs: each as a file to share has it, and all together. */
export interface SiteCompare {
  config: CompareConfig;
  /** In the order of the columns. */
  heads: Array<ShareHead>;
  /** By alignment that is asked for. */
  timelines: Record<string, TimelineAnswer>;
  /** By mode, view and places of the columns: ``overlay|loss-curves|0,1``. */
  mixed: Record<string, SiteMixed>;
  pool: Array<any>;
  /** Of the pages of the runs, by id. */
  addresses: Record<string, string>;
}

/** One picture of a sweep, for every choice. */
export interface SitePicture {
  /** By what it differs: x, y, event, colour, and width, which is wide or narrow. */
  fields: Array<string>;
  /** By theme and values of the fields; see ``ShareHead.pool``. */
  figures: Record<string, any>;
  /** By values of the fields. */
  heads: Record<string, SweepFigureHead>;
  /** The numbers behind it, as columns by title; by values of the fields. */
  tables: Record<string, any>;
}

/** The page of a sweep. */
export interface SiteSweep {
  id: string;
  /** What is chosen at first. */
  choice: Record<string, string>;
  pictures: Record<string, SitePicture>;
  pool: Array<any>;
  /** Of the pages of the runs that the folder has, by id. */
  addresses: Record<string, string>;
  /** The tests of which values differ, as HTML, by x and event. */
  comparisons: Record<string, string>;
}

/** What ``site.json`` says of a folder that ``grokdash site`` has written. */
export interface SiteMarker {
  made_by: string;
  /** Of grokdash. */
  version: string;
  title: string;
  runs: Array<string>;
  /** Addresses of all pages within the folder. */
  pages: Array<string>;
}

type Query = "" | `?${string}`;

export type Answer<Path extends string> =
  Path extends `/api/runs${Query}` ? Array<RunRow> :
  Path extends `/api/runs/changes${Query}` ? Changes :
  Path extends `/api/launches${Query}` ? Array<RunRow> :
  Path extends `/api/run/${string}/manifest${Query}` ? Manifest :
  Path extends `/api/run/${string}/live${Query}` ? Live :
  Path extends `/api/run/${string}/moments${Query}` ? Array<Moment> :
  Path extends `/api/run/${string}/log${Query}` ? Log :
  Path extends `/api/run/${string}/figure/${string}${Query}` ? FigureAnswer :
  Path extends `/api/guide/${string}${Query}` ? GuideAnswer :
  Path extends `/api/form${Query}` ? Form :
  Path extends `/api/form/check${Query}` ? FormErrors | FormVerdict :
  Path extends `/api/compare/timeline${Query}` ? TimelineAnswer :
  Path extends `/api/compare/figure/${string}${Query}` ? FigureAnswer :
  Path extends `/api/compare/difference/${string}${Query}` ? MixedFigure | Missing :
  Path extends `/api/compare/overlay/${string}${Query}` ? MixedFigure | Missing :
  Path extends `/api/sweep/${string}/figure/${string}${Query}` ? SweepFigure :
  Path extends `/api/sweep/${string}/driver${Query}` ? SweepDriver :
  Path extends `/api/sweeps/form${Query}` ? SweepForm :
  Path extends `/api/sweeps/check${Query}` ? SweepErrors | SweepVerdict :
  Path extends `/api/run/${string}/notes${Query}` ? Done :
  Path extends `/api/run/${string}/delete${Query}` ? Deleted :
  Path extends `/api/run/${string}/stop${Query}` ? Done :
  Path extends `/api/run/${string}/dismiss${Query}` ? Done :
  Path extends `/api/run/${string}/resume${Query}` ? Started :
  Path extends `/api/train${Query}` ? Started :
  Path extends `/api/example${Query}` ? Placed :
  Path extends `/api/sweep/${string}/stop${Query}` ? Done :
  Path extends `/api/sweep/${string}/resume${Query}` ? SweepStarted :
  Path extends `/api/sweeps/start${Query}` ? SweepStarted :
  Path extends `/api/reports${Query}` ? ReportsAnswer :
  Path extends `/api/reports/new${Query}` ? Named :
  Path extends `/api/report/${string}/sheets${Query}` ? Array<ItemSheet> :
  Path extends `/api/report/${string}/figure/${string}${Query}` ? Figure :
  Path extends `/api/report/${string}/add${Query}` ? Added :
  Path extends `/api/report/${string}/copy${Query}` ? Named :
  Path extends `/api/report/${string}/delete${Query}` ? Done :
  Path extends `/api/report/${string}/save${Query}` ? ShownReport :
  Path extends `/api/report/${string}/export/${string}${Query}` ? Failure :
  Path extends `/api/report/${string}${Query}` ? ShownReport :
  never;

export type Body<Path extends string> =
  Path extends `/api/run/${string}/notes${Query}` ? NotesBody :
  Path extends `/api/run/${string}/delete${Query}` ? DeleteBody :
  Path extends `/api/run/${string}/stop${Query}` ? NoBody :
  Path extends `/api/run/${string}/dismiss${Query}` ? NoBody :
  Path extends `/api/run/${string}/resume${Query}` ? ResumeBody :
  Path extends `/api/train${Query}` ? StartBody :
  Path extends `/api/example${Query}` ? NoBody :
  Path extends `/api/sweep/${string}/stop${Query}` ? NoBody :
  Path extends `/api/sweep/${string}/resume${Query}` ? ResumeBody :
  Path extends `/api/sweeps/start${Query}` ? SweepStart :
  Path extends `/api/reports/new${Query}` ? NewReport :
  Path extends `/api/report/${string}/add${Query}` ? AddBody :
  Path extends `/api/report/${string}/copy${Query}` ? CopyBody :
  Path extends `/api/report/${string}/delete${Query}` ? DeleteReport :
  Path extends `/api/report/${string}/export/${string}${Query}` ? ExportBody :
  Path extends `/api/report/${string}/save${Query}` ? ReportBody :
  never;
