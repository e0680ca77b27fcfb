// Owns the window's language and the way components get their texts. Must never contain texts itself.
import { createContext, Fragment, type ReactNode, useContext, useMemo } from "react";
import type { AppError } from "../ipc/bindings";
import { de } from "./de";
import { en } from "./en";
import { errorsDe } from "./errors.de";
import { errorsEn } from "./errors.en";
import { type Format, makeFormat } from "./format";
import { sanitizeForDisplay } from "./sanitize";
import type { Catalog, ErrorCatalog, ErrorWords, Key, Language, Placeholders } from "./types";

export type { Key, Language } from "./types";

const catalogs: Record<Language, { words: Catalog; errors: ErrorCatalog }> = {
  en: { words: en, errors: errorsEn },
  de: { words: de, errors: errorsDe },
};

type Values<K extends Key, V> = [Placeholders<K>] extends [never]
  ? []
  : [values: { [P in Placeholders<K>]: P extends "n" ? number : V }];

export type I18n = {
  language: Language;
  format: Format;
  /** A message with its values; numbers are formatted for the language. */
  t<K extends Key>(key: K, ...values: Values<K, string | number>): string;
  /** The same with elements as values, for a name in bold within a sentence. */
  rich<K extends Key>(key: K, ...values: Values<K, ReactNode>): ReactNode;
  /** The same with its number in bold: "**3** selected". */
  counted<K extends Key>(key: K, ...values: Values<K, ReactNode>): ReactNode;
  /** The text of an error, by its code only. */
  error(error: AppError): ErrorWords;
};

/** The language for the browser's preference: German for all variants of German, English for all others. */
export function languageOf(preferred: string): Language {
  return preferred.toLowerCase().split("-")[0] === "de" ? "de" : "en";
}

/** A locale that Intl accepts: WebKitGTK returns "C" for the language if the system's is the POSIX one. */
function usable(locale: string, otherwise: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Texts and formats of a language; `locale` may be narrower ("en-GB") and then decides dates and numbers. */
export function makeI18n(language: Language, locale: string = language): I18n {
  const format = makeFormat(usable(locale, language));
  const { words, errors } = catalogs[language];

  const template = (key: Key, n: unknown): string => {
    const message = words[key];
    if (typeof message === "string") return message;
    return format.plural(typeof n === "number" ? n : 0) === "one" ? message.one : message.other;
  };
  const text = (value: unknown): string =>
    typeof value === "number" ? format.number(value) : sanitizeForDisplay(String(value ?? ""));

  const elements = (key: Key, given: Record<string, ReactNode>, bold: boolean): ReactNode =>
    template(key, given["n"])
      .split(/\{(\w+)\}/)
      .map((part, index) => {
        const value = index % 2 === 0 ? part : given[part];
        const shown = index % 2 === 0 || (typeof value !== "number" && typeof value !== "string") ? value : text(value);
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one template never change places.
        return <Fragment key={index}>{bold && part === "n" && index % 2 === 1 ? <b>{shown}</b> : shown}</Fragment>;
      });

  return {
    language,
    format,
    t: (key, ...[values]) => {
      const given = (values ?? {}) as Record<string, string | number>;
      return template(key, given["n"]).replace(/\{(\w+)\}/g, (_, name: string) => text(given[name]));
    },
    rich: (key, ...[values]) => elements(key, (values ?? {}) as Record<string, ReactNode>, false),
    counted: (key, ...[values]) => elements(key, (values ?? {}) as Record<string, ReactNode>, true),
    error: (error) => {
      // A code that this build doesn't know (of a newer Rust part) still gets a text.
      const entry = (errors[error.code] ?? errors.internal) as (e: AppError, f: Format) => ErrorWords;
      const given = Object.entries(error).map(([name, value]) => [
        name,
        typeof value === "string" ? sanitizeForDisplay(value) : value,
      ]);
      return entry(Object.fromEntries(given) as AppError, format);
    },
  };
}

const I18nContext = createContext<I18n | null>(null);

export function I18nProvider({ locale, children }: { locale: string; children: ReactNode }) {
  const i18n = useMemo(() => makeI18n(languageOf(locale), locale), [locale]);
  return <I18nContext value={i18n}>{children}</I18nContext>;
}

export function useI18n(): I18n {
  const i18n = useContext(I18nContext);
  if (!i18n) throw new Error("useI18n outside I18nProvider");
  return i18n;
}
