import os
def test_env(settings): print(os.environ["DATABASE_URL"], settings.REDIS_URL, settings.MONGODB_NAME); assert 1
