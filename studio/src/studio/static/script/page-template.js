// How the Script page is laid out; `page.js` brings it to life.

export default `
<div class="script-page" :class="[view, drawer && 'drawer-' + drawer]">
  <Teleport to="#masthead-tools" defer>
    <SaveStatus v-if="saver" :saving="saving" @act="onStatus"/>
    <div class="segmented views" role="group" aria-label="View">
      <button type="button" :aria-pressed="view === 'write'" @click="setView('write')">Write</button>
      <button type="button" :aria-pressed="view === 'cards'" @click="setView('cards')">Cards</button>
    </div>
    <button v-if="view === 'write'" type="button" class="icon summary-toggle" aria-label="Summary" title="Summary"
      :aria-expanded="drawer === 'summary'" @click="toggleDrawer('summary')"><Icon name="summary"/></button>
    <Menu label="Script menu" :items="exports" @opened="store.flushAll()"/>
  </Teleport>
  <Away :why="work?.away"/>

  <p class="visually-hidden" role="status" aria-live="polite">{{ announcement }}</p>

  <div v-if="failure" class="page-failure"><div class="notice" role="alert">
    <p><strong>The script cannot be shown.</strong> {{ failure }}</p>
    <button type="button" class="button small" @click="start">Try again</button></div></div>
  <p v-else-if="!script?.loaded" class="page-failure loading" role="status"><span class="spinner"></span> Opening the
    script…</p>

  <template v-else>
    <div class="pane scenes-pane" :inert="narrow && drawer !== 'scenes'">
      <Navigator ref="navigator" :scenes="scenes" :current="current" :saving="script.saving" :running="work.running"
        :title-page="titlePage" @open="openScene" @add="addScene" @move="moveScene" @remove="removeScene"
        @open-title-page="openTitlePage"/>
    </div>

    <div class="pane middle-pane" id="page-middle" tabindex="-1" :inert="covered">
      <Cards v-if="view === 'cards' && scenes.length" :scenes="scenes" :current="current" :running="work.running"
        @open="openScene" @add="addScene" @move="moveScene" @remove="removeScene"/>
      <template v-else-if="saver">
        <div v-if="saving?.state === 'conflict'" class="notice mend" role="alert">
          <p><strong>Changed in another window.</strong> Both of you changed the same lines. Your words are safe here.</p>
          <button type="button" class="button small" @click="compare">Compare and choose</button>
        </div>
        <div v-else-if="saving?.state === 'gone'" class="notice mend" role="alert">
          <p><strong>Deleted in another window.</strong> What you wrote is kept here.</p>
          <button type="button" class="button small" @click="putBack">Put the scene back</button>
          <button type="button" class="button small plain" @click="letGo">Let it go</button>
        </div>
        <div v-else-if="saving?.state === 'refused'" class="notice mend" role="alert">
          <p><strong>This cannot be saved yet.</strong> {{ saving.message }}</p>
        </div>
        <Writing ref="writing" :text-id="current" :saver="saver" :label="'Text of ' + name"
          :place="place" :previous="previous" :next="next" @typed="onTyped" @open="openScene" @left="onLeft"/>
      </template>
      <section v-else class="empty" aria-label="No scenes yet">
        <div class="blank-page" aria-hidden="true"><span>FADE IN:</span></div>
        <h2>The first page is yours</h2>
        <p>Add a scene and write. A scene starts with a heading, such as <code>INT. KITCHEN - NIGHT</code>.</p>
        <div class="actions">
          <button type="button" class="button primary" @click="addScene(null)"><Icon name="plus"/>Add the first scene</button>
          <button type="button" class="button" @click="openTitlePage">Write the title page</button>
        </div>
      </section>
    </div>

    <div class="pane summary-pane" :inert="compact && drawer !== 'summary'">
      <button type="button" class="icon close-drawer" aria-label="Close the summary" @click="closeDrawer">
        <Icon name="close"/></button>
      <SummaryPanel :scene="scene" :scenes="scenes" :work="work" :model="model" @generate="summarise"
        @generate-all="summaries.all" @cancel="summaries.cancel"/>
    </div>
    <div v-if="drawer" class="veil" @click="closeDrawer"></div>

    <nav class="foot-bar" aria-label="Panels">
      <button type="button" :aria-expanded="drawer === 'scenes'" @click="toggleDrawer('scenes')"><Icon name="scenes"/>
        Scenes</button>
      <button type="button" :aria-pressed="view === 'write' && !drawer" @click="setView('write')"><Icon name="pen"/>
        Write</button>
      <button type="button" :aria-pressed="view === 'cards' && !drawer" @click="setView('cards')"><Icon name="cards"/>
        Cards</button>
      <button type="button" :aria-expanded="drawer === 'summary'" @click="toggleDrawer('summary')">
        <Icon name="summary"/>Summary</button>
    </nav>
  </template>

  <Conflict v-if="saver && comparing" :open="comparing" :name="name" :hunks="hunks" @close="comparing = false"
    @choose="choose"/>
  <Shortcuts :open="helping" @close="helping = false"/>
  <DeletedScenes v-if="store" :open="restoring" :store="store" @close="restoring = false" @restored="onRestored"/>
</div>`;
