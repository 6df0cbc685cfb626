"use strict";(()=>{var v={language:"en",direction:"ltr",words:{},english:[]};function p(l,s={}){return(v.words[l]??"").replace(/\{(\w+)\}/g,(n,d)=>s[d]??n)}var h=5e3;function w(l,s,a){let n=[],d,c=i=>{a&&(a.textContent=i)},r=i=>{n=[],clearTimeout(d),c(i)};l.addEventListener("keydown",i=>{let{key:u,repeat:t,timeStamp:e}=i;if(!t){if(u!=="Shift"){n.length&&r("");return}if(n=[...n.filter(f=>e-f<h),e],n.length===3){s();return}c(p(n.length===1?"exit_again_two":"exit_again_one")),clearTimeout(d),d=setTimeout(()=>r(p("exit_cancelled")),h)}})}var m="{given}",y=300,E=`
:host { all: initial; }
button { position: fixed; inset-block-end: var(--bottom); z-index: 2147483000; font: 600 1rem/1.2 system-ui, sans-serif;
  color: #fff; background: #1d3557; border: 2px solid #fff; border-radius: 0.5rem; padding: 0.75rem 1rem; min-height: 2.75rem;
  max-width: calc(100vw - 2rem); cursor: pointer; }
button:focus-visible { outline: 3px solid #1a1a1a; box-shadow: 0 0 0 6px #ffbf47; }
iframe { position: fixed; z-index: 2147483000; border: 0; background: #fff; inset-block-end: var(--bottom);
  width: min(26rem, calc(100vw - 2rem)); height: min(44rem, calc(100vh - 2rem)); border-radius: 0.5rem;
  box-shadow: 0 0 0 1px #6b6b6b, 0 0.25rem 1rem rgb(0 0 0 / 30%); }
.end { inset-inline-end: 1rem; } .start { inset-inline-start: 1rem; }
[hidden] { display: none; }
@media (max-width: 30rem), (max-height: 30rem) {
  iframe { inset: 0; width: 100%; height: 100%; border-radius: 0; box-shadow: none; }
}
@media print { :host { display: none; } }
`;function x(l){let s=new URL(l.src).origin,{language:a="en",side:n="end",bottom:d="16"}=l.dataset,c=m.words[a]??m.words.en;if(!c)return;let r=document.createElement("div");r.lang=m.words[a]?a:"en",r.dir=c.direction;let i=r.attachShadow({mode:"open"}),u=new CSSStyleSheet;u.replaceSync(E),i.adoptedStyleSheets=[u],r.style.setProperty("--bottom",`${Number.parseInt(d,10)||16}px`);let t=document.createElement("button");t.type="button",t.textContent=c.open,t.className=n==="start"?"start":"end",t.setAttribute("aria-expanded","false"),i.append(t),document.body.append(r);let e=null,f=o=>{o&&!e&&(e=document.createElement("iframe"),e.src=`${s}/embed?language=${encodeURIComponent(a)}`,e.title=c.frame,e.className=t.className,e.referrerPolicy="no-referrer",e.allow="clipboard-write",i.append(e)),e&&(e.hidden=!o),t.hidden=o,t.setAttribute("aria-expanded",String(o)),(o?e:t)?.focus()},b=()=>{e&&(document.title="",e.hidden=!0,document.body.replaceChildren(r),e.contentWindow?.postMessage({assistant:"leave"},s),setTimeout(()=>window.location.replace(m.exit),y))};t.addEventListener("click",()=>f(!0)),window.addEventListener("message",o=>{!e||o.origin!==s||o.source!==e.contentWindow||(o.data.assistant==="close"&&f(!1),o.data.assistant==="exit"&&(b(),window.location.replace(m.exit)))}),w(window,b)}var g=document.currentScript;g instanceof HTMLScriptElement&&(document.body?x(g):document.addEventListener("DOMContentLoaded",()=>x(g)));})();
