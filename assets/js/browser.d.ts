/**
 * What Plotly and Dash put on the page: only what the modules use of it. Figures and
 * their insides are `any`, as plotly's values are in the Python.
 */

interface PlotElement extends HTMLElement {
  data: any[];
  layout: any;
  calcdata: any[][];
  _fullData: any[];
  _fullLayout: any;
  _hoverdata?: any[];
  on(event: string, listener: (event: any) => void): void;
}

interface PlotImage {
  format: "png" | "svg";
  width: number;
  height: number;
  scale?: number;
}

interface Plotly {
  react(plot: HTMLElement, data: any[], layout: any, config?: any): Promise<PlotElement>;
  relayout(plot: HTMLElement, update: any): Promise<PlotElement>;
  restyle(plot: HTMLElement, update: any, traces?: number[]): Promise<PlotElement>;
  purge(plot: HTMLElement): void;
  Plots: { resize(plot: HTMLElement): void };
  Fx: {
    hover(plot: HTMLElement, event: any, subplot: string): void;
    unhover(plot: HTMLElement, event: any, subplot: string): void;
  };
  toImage(figure: any, options: PlotImage): Promise<string>;
}

interface GridNode {
  data: any;
}

interface GridApi {
  addEventListener(event: string, listener: (event: any) => void): void;
  applyTransaction(change: { add?: any[]; update?: any[]; remove?: any[] }): void;
  forEachNode(visit: (node: GridNode) => void): void;
  getColumn(field: string): { isVisible(): boolean } | null;
  getColumnDefs(): { field: string; width?: number; minWidth?: number }[];
  getDisplayedRowCount(): number;
  getSelectedRows(): any[];
  onFilterChanged(): void;
  refreshCells(which?: { force?: boolean; columns?: string[] }): void;
  isDestroyed(): boolean;
  setColumnsVisible(fields: string[], visible: boolean): void;
  setGridOption(option: string, value: unknown): void;
}

interface DashClientside {
  no_update: unknown;
  callback_context: { triggered: { prop_id: string; value: unknown }[] };
  set_props(id: string, properties: Record<string, unknown>): void;
  [namespace: string]: any;
}

interface Window {
  Plotly?: Plotly;
  dash_ag_grid: { AgGrid: unknown; getApiAsync(id: string): Promise<GridApi> };
  grokdash?: { player?: object; file?: object };
  grokdash_part(name: string): Promise<ArrayBuffer>;
  React?: any;
  grokdash_formulas?: Record<string, (properties: any) => unknown>;
  dash_clientside: DashClientside;
  dashAgGridComponentFunctions?: Record<string, (properties: any) => unknown>;
}
