/** Numbers as the rest of the page writes them: code has Latin digits, so Arabic text has them too. */
export function locale(language: string): string {
  return language === "ar" ? "ar-u-nu-latn" : language;
}

/** A whole number of the largest unit that says enough: 95 seconds, 12 minutes, 3 days. */
export function duration(language: string, seconds: number): string {
  const [unit, length] =
    seconds < 120
      ? ["second", 1]
      : seconds < 7200
        ? ["minute", 60]
        : seconds < 172_800
          ? ["hour", 3600]
          : ["day", 86_400];
  const options = { style: "unit", unit: unit as string, unitDisplay: "long" } as const;
  return new Intl.NumberFormat(locale(language), options).format(Math.floor(seconds / (length as number)));
}

export function size(language: string, bytes: number): string {
  const [unit, length] = bytes < 1000 ? ["byte", 1] : bytes < 1_000_000 ? ["kilobyte", 1000] : ["megabyte", 1_000_000];
  const options = { style: "unit", unit: unit as string, unitDisplay: bytes < 1000 ? "long" : "short" } as const;
  return new Intl.NumberFormat(locale(language), { ...options, maximumFractionDigits: 1 }).format(
    bytes / (length as number),
  );
}
