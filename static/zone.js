// Where no time zone is chosen yet, the browser's own is; the person sees it and may choose another.
(() => {
  const select = document.querySelector('select[data-zone="ask"]');
  if (!select || select.value) return;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...select.options].some((option) => option.value === zone)) select.value = zone;
})();
