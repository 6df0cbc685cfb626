"use strict";(()=>{var y={language:"en",direction:"ltr",words:{},english:[]};function g(l,s={}){return(y.words[l]??"").replace(/\{(\w+)\}/g,(o,d)=>s[d]??o)}var x=5e3;function w(l,s,a){let o=[],d,c=i=>{a&&(a.textContent=i)},r=i=>{o=[],clearTimeout(d),c(i)};l.addEventListener("keydown",i=>{let{key:m,repeat:n,timeStamp:e}=i;if(!n){if(m!=="Shift"){o.length&&r("");return}if(o=[...o.filter(u=>e-u<x),e],o.length===3){s();return}c(g(o.length===1?"exit_again_two":"exit_again_one")),clearTimeout(d),d=setTimeout(()=>r(g("exit_cancelled")),x)}})}var f="{given}",T=300,S=`
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
`;function v(l){let s=new URL(l.src).origin,{language:a="en",side:o="end",bottom:d="16"}=l.dataset,c=f.words[a]??f.words.en;if(!c)return;let r=document.createElement("div");r.lang=f.words[a]?a:"en",r.dir=c.direction;let i=r.attachShadow({mode:"open"}),m=new CSSStyleSheet;m.replaceSync(S),i.adoptedStyleSheets=[m],r.style.setProperty("--bottom",`${Number.parseInt(d,10)||16}px`);let n=document.createElement("button");n.type="button",n.textContent=c.open,n.className=o==="start"?"start":"end",n.setAttribute("aria-expanded","false"),i.append(n),document.body.append(r);let e=null,u=t=>{t&&!e&&(e=document.createElement("iframe"),e.src=`${s}/embed?language=${encodeURIComponent(a)}`,e.title=c.frame,e.className=n.className,e.referrerPolicy="no-referrer",e.allow="clipboard-write",i.append(e)),e&&(e.hidden=!t),n.hidden=t,n.setAttribute("aria-expanded",String(t)),(t?e:n)?.focus()},b=!1,h=()=>{b||window.location.replace(f.exit),b=!0},E=()=>{if(e){document.title="",e.hidden=!0;for(let t of[...document.body.childNodes])t!==r&&t.remove();e.contentWindow?.postMessage({assistant:"leave"},s),setTimeout(h,T)}};n.addEventListener("click",()=>u(!0)),window.addEventListener("message",t=>{!e||t.origin!==s||t.source!==e.contentWindow||(t.data.assistant==="close"&&u(!1),t.data.assistant==="exit"&&(document.title="",document.body.hidden=!0,h()))}),w(window,E)}var p=document.currentScript;p instanceof HTMLScriptElement&&(document.body?v(p):document.addEventListener("DOMContentLoaded",()=>v(p)));})();
