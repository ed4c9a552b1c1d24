// The part of anywidget's interface that the widgets use.

export interface Model {
  get(name: string): any;
  set(name: string, value: any): void;
  save_changes(): void;
  send(content: any): void;
  on(event: string, listener: (...values: any[]) => void): void;
  off(event: string, listener: (...values: any[]) => void): void;
}

export interface RenderContext {
  model: Model;
  el: HTMLElement;
}
