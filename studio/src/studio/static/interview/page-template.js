// How the Interview page is laid out; `page.js` brings it to life.

export default `
<div class="interview-page">
  <Teleport to="#masthead-tools" defer>
    <Menu label="Interview menu" :items="menu"/>
  </Teleport>
  <Away :why="state?.away"/>
  <p class="visually-hidden" role="status" aria-live="polite">{{ announcement }}</p>

  <div v-if="failure" class="interview-failure"><div class="notice" role="alert">
    <p><strong>The interview cannot be shown.</strong> {{ failure }}</p>
    <button type="button" class="button small" @click="begin">Try again</button></div></div>
  <p v-else-if="!view" class="interview-failure loading" role="status"><span class="spinner"></span> Opening the interview…</p>

  <section v-else-if="view.state === 'not-started'" class="empty" aria-label="Before the interview">
    <div class="blank-page" aria-hidden="true"><span>Who</span><br><br><span>What</span><br><br><span>Why</span></div>
    <h2>From an idea to a plan</h2>
    <p>{{ view.fixed_questions }} questions, one at a time, then up to {{ view.most_follow_ups }} more that follow from what
      you say. Skip what you do not know yet, go back when you like: every answer is saved as you give it. In the end there
      is a plan of the work.</p>
    <p class="soft">{{ modelTold }}</p>
    <div class="actions"><button type="button" class="button primary" :disabled="busy" @click="start">Start the interview</button></div>
  </section>

  <template v-else>
    <div class="interview-bar">
      <div class="segmented" role="group" aria-label="Parts of the interview">
        <button v-for="(part, at) in parts" :key="part.id" type="button" :aria-pressed="String(tab === part.id)"
          :title="part.label + ' (' + (at + 1) + ')'" @click="tab = part.id">{{ part.label }}</button>
      </div>
      <div class="how-far"><span class="soft">{{ howFar }}</span>
        <div class="progress" role="progressbar" aria-label="Questions answered" aria-valuemin="0" :aria-valuemax="total"
          :aria-valuenow="answered"><span :style="{ width: (100 * answered) / total + '%' }"></span></div></div>
    </div>

    <div ref="scroller" class="interview-scroller">
      <div v-if="tab === 'questions'" class="asking">
        <nav class="rail" aria-label="Questions">
          <ol><li v-for="one in view.questions" :key="one.id">
            <button type="button" :class="{ answered: one.answer && !one.answer.skipped }"
              :aria-current="question?.id === one.id ? 'true' : null" @click="show(one.id)">
              <span class="number">{{ one.answer && !one.answer.skipped ? "✓" : one.number }}</span>
              <span class="topic">{{ one.follow_up ? one.text : one.topic }}</span></button></li></ol>
          <p v-if="ahead" class="soft">{{ ahead }} more to come</p>
        </nav>
        <div class="stage">
          <Question v-if="question" :question="question" :text="text" :clash="clash" :sending="!!state.sending[question.id]"
            :refused="state.refused[question.id] ?? ''" :away="state.away" :total="view.fixed_questions"
            :longest="longest.answer" :has-next="hasNext" @typed="typed" @answer="answer" @skip="answer('')" @step="step"
            @take-stored="takeStored" @finish="finish"/>
          <section v-else-if="view.state === 'thinking'" class="thinking" aria-label="Waiting for a question" role="status">
            <p class="thinking-words"><span class="spinner"></span> {{ model.local ? "Reading your answers" : model.host + " is reading your answers" }}…</p>
            <p class="soft">A question that follows from them is on its way. You may leave this page; it will be here.</p>
            <Patience :since="view.thinking_since" :trouble="view.trouble" :busy="busy" what="Ask again" @again="askAgain"/>
            <div class="actions">
              <button type="button" class="button plain" @click="step(-1)"><Icon name="left"/>Back</button>
              <button type="button" class="button" :disabled="busy" @click="finish">Enough questions</button></div>
          </section>
          <section v-else-if="view.state === 'stuck'" class="thinking" aria-label="No question came">
            <div class="notice" role="alert"><p><strong>No question came.</strong> {{ view.failure }}</p></div>
            <div class="actions">
              <button type="button" class="button plain" @click="step(-1)"><Icon name="left"/>Back</button>
              <button type="button" class="button primary" :disabled="busy" @click="askAgain">Try again</button>
              <button type="button" class="button" :disabled="busy" @click="finish">Go on without</button></div>
          </section>
          <section v-else class="thinking" aria-label="The questions are over">
            <h2>That was the last question.</h2>
            <p class="soft">Read your answers through, then have a plan made of them.</p>
            <div class="actions"><button type="button" class="button plain" @click="step(-1)"><Icon name="left"/>Back</button>
              <button type="button" class="button primary" @click="tab = 'review'">Review the answers</button></div>
          </section>
        </div>
      </div>
      <Review v-else-if="tab === 'review'" :view="view" :busy="busy" @edit="editFromReview" @plan="makePlan" @more="askAgain"
        @resume="resumeQuestions" @show-plan="tab = 'plan'"/>
      <Plan v-else :view="view" :plan="state.plan" :store="store" :busy="busy" :longest="longest.title" @make="makePlan"
        @review="tab = 'review'" @announce="announcement = $event"/>
    </div>
  </template>
  <Shortcuts :open="helping" @close="helping = false"/>
</div>`;
