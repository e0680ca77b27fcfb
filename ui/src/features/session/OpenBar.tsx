// Owns the bar of work whose length nobody knows. Must never pretend a share.
export function OpenBar({ label }: { label: string }) {
  return (
    <div className="bar open" role="progressbar" aria-label={label}>
      <i />
    </div>
  );
}
