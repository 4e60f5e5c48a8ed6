// A timeline that is wider than its place starts at its newest end, and the names of its lanes stay in
// sight while it scrolls.

export function startAtNewest(place) {
  if (place.scrollWidth <= place.clientWidth) return;
  const labels = place.querySelectorAll("text.lane, text.lane + text.axis");
  place.firstElementChild.append(...labels); // over the dots that they come to stand on
  place.classList.add("lanes-stay");
  const stay = () => labels.forEach((label) => (label.style.transform = `translateX(${place.scrollLeft}px)`));
  place.addEventListener("scroll", stay, { passive: true });
  place.scrollLeft = place.scrollWidth;
  stay();
}
