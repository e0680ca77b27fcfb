// Owns the window's icons, drawn as elements. All are decoration: their meaning is in a text beside them.
import type { ReactNode } from "react";

type Props = { className?: string };

function Icon({ box, stroke, className, children }: Props & { box: number; stroke: number; children: ReactNode }) {
  return (
    <svg
      className={className}
      viewBox={`0 0 ${box} ${box}`}
      fill="none"
      stroke="currentColor"
      strokeWidth={stroke}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export function ChevronIcon(props: Props) {
  return (
    <Icon box={12} stroke={1.5} {...props}>
      <path d="m3 4.500 3 3 3-3" />
    </Icon>
  );
}

export function SearchIcon(props: Props) {
  return (
    <Icon box={16} stroke={1.6} {...props}>
      <circle cx="7" cy="7" r="4.500" />
      <path d="m10.500 10.500 3.500 3.500" />
    </Icon>
  );
}

export function CrossIcon(props: Props) {
  return (
    <Icon box={12} stroke={1.5} {...props}>
      <path d="m3 3 6 6M9 3 3 9" />
    </Icon>
  );
}

export function TickIcon(props: Props) {
  return (
    <Icon box={12} stroke={1.8} {...props}>
      <path d="M2.600 6.300 5 8.600l4.400-5" />
    </Icon>
  );
}

export function UpIcon(props: Props) {
  return (
    <Icon box={12} stroke={1.5} {...props}>
      <path d="M6 10V2.500M3 5.300 6 2.300l3 3" />
    </Icon>
  );
}

export function DownIcon(props: Props) {
  return (
    <Icon box={12} stroke={1.5} {...props}>
      <path d="M6 2v7.500M3 6.700l3 3 3-3" />
    </Icon>
  );
}

export function RefreshIcon(props: Props) {
  return (
    <Icon box={16} stroke={1.4} {...props}>
      <path d="M13.500 8a5.500 5.500 0 1 1-1.600-3.900M13.500 2v2.800h-2.800" />
    </Icon>
  );
}

export function UsersIcon(props: Props) {
  return (
    <Icon box={16} stroke={1.4} {...props}>
      <circle cx="8" cy="5.200" r="2.700" />
      <path d="M2.800 13.500c.6-2.600 2.700-4 5.200-4s4.600 1.400 5.200 4" />
    </Icon>
  );
}

export function GroupsIcon(props: Props) {
  return (
    <Icon box={16} stroke={1.4} {...props}>
      <circle cx="5.700" cy="6" r="2.200" />
      <circle cx="11" cy="6.600" r="1.700" />
      <path d="M1.600 13c.4-2.300 2-3.500 4.100-3.500s3.700 1.200 4.100 3.500M10.800 9.900c1.800 0 3.100 1 3.500 3" />
    </Icon>
  );
}

export function SettingsIcon(props: Props) {
  return (
    <Icon box={16} stroke={1.4} {...props}>
      <path d="M2 5h7m4 0h1M2 11h1m4 0h7" />
      <circle cx="11" cy="5" r="1.700" />
      <circle cx="5" cy="11" r="1.700" />
    </Icon>
  );
}

export function ColumnsIcon(props: Props) {
  return (
    <Icon box={16} stroke={1.4} {...props}>
      <rect x="2" y="3" width="12" height="10" rx="1.500" />
      <path d="M6 3v10M10 3v10" />
    </Icon>
  );
}

export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 44 44" aria-hidden="true" focusable="false">
      <rect width="44" height="44" rx="11" fill="var(--accent)" />
      <path d="M13 12.500h18M13 19h18M13 25.500h11" stroke="var(--accent-ink)" strokeWidth="3" strokeLinecap="round" />
      <circle cx="30" cy="29.500" r="3.600" fill="var(--accent-ink)" />
    </svg>
  );
}
