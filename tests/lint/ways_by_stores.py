"""Programs that lose a change of a row that a store, a repository or a generic base gave."""

from __future__ import annotations

LOST = {
    "query get_or_404 of a base": """
        class Crud:
            model = None

            def get(self, session, key):
                return session.get(self.model, key)


        class TeamCrud(Crud):
            model = Team


        teams = TeamCrud()


        def run(session):
            row = teams.get(session, 1)
            row.prefs["a"] = 2  # <- IND101
            session.commit()
    """,
    "generic base, model in init": """
        class Repository:
            def __init__(self, session, model):
                self.session = session
                self.model = model

            def find(self, key):
                return self.session.get(self.model, key)


        def run(session):
            found = Repository(session, Member).find(1)
            found.badges.append("new")  # <- IND101
            session.commit()
    """,
    "generic base, typed, query": """
        from typing import Generic, Type, TypeVar

        T = TypeVar("T", bound=Base)


        class Repository(Generic[T]):
            def __init__(self, model: Type[T]):
                self.model = model

            def by_id(self, session: Session, key: int) -> T | None:
                return session.query(self.model).filter(self.model.id == key).first()

            def everything(self, session: Session) -> list[T]:
                return session.query(self.model).all()


        class Members(Repository[Member]):
            pass


        members = Members(Member)


        def run(session):
            found = members.by_id(session, 1)
            found.profile["a"]["b"] = 3  # <- IND101
            for one in members.everything(session):
                one.badges.clear()  # <- IND101
            session.commit()
    """,
    "a class method of a mixin": """
        class Finding:
            @classmethod
            def find(cls, session, key):
                return session.query(cls).filter(cls.id == key).one()

            @classmethod
            def everyone(cls, session):
                return session.scalars(select(cls)).all()


        class Badge(Finding, Base):
            __tablename__ = "badges"
            from sqlalchemy import JSON, Column, Integer
            id = Column(Integer, primary_key=True)
            extras = Column(JSON)


        def run(session):
            x = Badge.find(session, 1) if False else None
            if x:
                x.extras.update(a=1)  # <- IND101
            for y in Badge.everyone(session):
                y.extras["b"] = 1  # <- IND101
            session.commit()
    """,
    "a crud base that sets fields": """
        from typing import Any, Generic, Type, TypeVar

        ModelType = TypeVar("ModelType", bound=Base)


        class CRUDBase(Generic[ModelType]):
            def __init__(self, model: Type[ModelType]):
                self.model = model

            def get(self, db: Session, id: Any) -> ModelType | None:
                return db.query(self.model).filter(self.model.id == id).first()

            def update(self, db: Session, *, db_obj: ModelType, obj_in: dict[str, Any]) -> ModelType:
                for field in obj_in:
                    setattr(db_obj, field, obj_in[field])
                db.add(db_obj)
                db.commit()
                db.refresh(db_obj)
                return db_obj


        class CRUDMember(CRUDBase[Member]):
            pass


        crud_member = CRUDMember(Member)


        def run(session):
            found = crud_member.get(session, id=1)
            profile = found.profile
            profile["x"] = 1  # <- IND102
            crud_member.update(session, db_obj=found, obj_in={"profile": profile})
    """,
    "a service with a repository": """
        class MemberRepository:
            def __init__(self, db):
                self.db = db

            def by_id(self, key):
                return self.db.query(Member).filter(Member.id == key).one_or_none()

            def save(self, entity):
                self.db.add(entity)
                self.db.commit()
                return entity


        class MemberService:
            def __init__(self, db):
                self.repository = MemberRepository(db)

            def award(self, key, badge):
                person = self.repository.by_id(key)
                if badge not in person.badges:
                    person.badges.append(badge)  # <- IND101
                self.repository.save(person)


        def run(session):
            MemberService(session).award(1, "z")
    """,
    "a unit of work": """
        class UnitOfWork:
            def __init__(self, session):
                self.session = session

            def __enter__(self):
                self.teams = Store(self.session, Team)
                return self

            def __exit__(self, *exc):
                self.session.commit()


        class Store:
            def __init__(self, session, model):
                self.session = session
                self.model = model

            def find(self, key):
                return self.session.get(self.model, key)


        def run(session):
            with UnitOfWork(session) as work:
                thing = work.teams.find(1)
                thing.prefs["x"] = 1  # <- IND101
    """,
    "generic made for a class in brackets": """
        from typing import Generic, TypeVar

        T = TypeVar("T")


        class Box(Generic[T]):
            def __init__(self, model: type[T], session: Session):
                self.model, self.session = model, session

            def first(self) -> T:
                return self.session.scalars(select(self.model).limit(1)).one()


        def run(session):
            thing = Box[Team](Team, session).first()
            thing.prefs["x"] = 1  # <- IND101
            session.commit()
    """,
    "a base that knows the model by a class attribute, async": """
        class Dao:
            model = None

            @classmethod
            async def find_one_or_none(cls, session, **filters):
                result = await session.execute(select(cls.model).filter_by(**filters))
                return result.scalar_one_or_none()


        class TeamDao(Dao):
            model = Team


        async def run(session):
            thing = await TeamDao.find_one_or_none(session, id=1)
            thing.prefs["x"] = 1  # <- IND101
            await session.commit()
    """,
    "super gives the model": """
        class Store:
            def __init__(self, model, session):
                self.model = model
                self.session = session

            def one(self, key):
                return self.session.get(self.model, key)


        class Teams(Store):
            def __init__(self, session):
                super().__init__(Team, session)


        def run(session):
            thing = Teams(session).one(1)
            thing.prefs["x"] = 1  # <- IND101
            session.commit()
    """,
    "a class that an argument has by default": """
        class Store:
            def __init__(self, *, Row: type = Member):
                self.Row = Row

            def put(self, session, key, value):
                found = session.execute(select(self.Row).filter(self.Row.id == key).limit(1)).scalars().first()
                if not found:
                    return None
                profile = found.profile or {}
                if value is not None:
                    profile["x"] = value  # <- IND102
                found.profile = profile
                session.commit()
                return found


        def run(session):
            Store().put(session, 1, 2)
    """,
}
