// How the Storyboard page is laid out; `page.js` brings it to life.

export default `
<div class="storyboard-page">
  <Teleport to="#masthead-tools" defer>
    <Menu label="Storyboard menu" :items="menu"/>
  </Teleport>
  <Away :why="board?.away"/>
  <p class="visually-hidden" role="status" aria-live="polite">{{ announcement }}</p>

  <div v-if="failure" class="board-failure"><div class="notice" role="alert">
    <p><strong>The storyboard cannot be shown.</strong> {{ failure }}</p>
    <button type="button" class="button small" @click="start">Try again</button></div></div>
  <p v-else-if="!board?.loaded" class="board-failure loading" role="status"><span class="spinner"></span> Opening the
    storyboard…</p>

  <template v-else>
    <Toolbar v-if="scenes.length || board.runs.length" :runs="board.runs" :scenes="scenes.length" :model="model"
      :most="most" :cost="board.cost" :busy="busy" @make="make" @stop="stop" @resume="resume" @let-go="letGo"/>
    <div ref="scroller" class="board-scroller">
      <Tray :aside="board.aside" :scenes="scenes" @open="open" @attach="attach" @restore="restoreScene"
        @discard="discard"/>
      <p class="visually-hidden" id="board-help">Arrow keys go through the images, Enter opens one, F marks the favourite,
        R makes it anew, Delete discards it, question mark shows all shortcuts.</p>
      <ol ref="list" class="board-scenes" aria-label="Scenes" aria-describedby="board-help">
        <Scene v-for="(scene, at) in scenes" :key="scene.id" :scene="scene" :at="at" :project="project"
          :progress="progress[scene.id]" :returning="returningTo(scene.id)" :active="tabStop" @open="open"
          @favourite="favourite" @menu="openFrameMenu" @scene-menu="openSceneMenu" @make="makeScene"
          @put-back="putBack" @focused="active = $event"/>
      </ol>
      <section v-if="!scenes.length" class="empty" aria-label="No scenes yet">
        <div class="blank-frame" aria-hidden="true"><span></span></div>
        <h2>No scene to draw yet</h2>
        <p>Write scenes on the Script page; each of them gets its images here, as many as you like at once.</p>
        <div class="actions"><a class="button primary" :href="'/projects/' + project">Write the first scene</a></div>
      </section>
    </div>
  </template>

  <MenuList ref="menu"/>
  <Lightbox :frame="seen?.frame ?? null" :scene="seen?.scene ?? null" :number="numberOf(seen?.scene)"
    :making="!!seen?.scene && progress[seen.scene.id].replacing.includes(seen.frame.id)" :has-previous="at > 0"
    :has-next="at >= 0 && at < all.length - 1" @close="close" @step="step" @favourite="favourite"
    @regenerate="regenerate" @discard="discard" @bring-back="bringBack"/>
  <Shortcuts :open="helping" @close="helping = false"/>
  <DeletedScenes v-if="store" :open="restoring" :store="store" @close="restoring = false"/>
</div>`;
