using Trt.Interop;

namespace Trt.Utils;

/// <summary>What builds a plan for a cache: into memory, or into a stream.</summary>
internal abstract class PlanBuild
{
    /// <summary>Builds, where that comes before writing.</summary>
    public virtual void Prepare()
    {
    }

    /// <summary>Writes the plan, building it where that is one step.</summary>
    public abstract void WriteTo(Stream stream);

    /// <summary>The plan without a file.</summary>
    public abstract CachedPlan InMemory(EngineCacheKey key);

    /// <summary>Frees the plan when it is in a file.</summary>
    public virtual void Release()
    {
    }

    /// <summary>A build that gives memory.</summary>
    public sealed class OfMemory(Func<IHostMemory> build) : PlanBuild
    {
        private IHostMemory? memory;

        public override void Prepare() => memory ??= build() ?? throw new InvalidOperationException("The build gave no plan.");

        public override void WriteTo(Stream stream)
        {
            using Stream source = memory!.OpenRead();
            source.CopyTo(stream, 1 << 20);
        }

        public override CachedPlan InMemory(EngineCacheKey key)
        {
            Prepare();
            return CachedPlan.Of(key, memory!);
        }

        public override void Release() => memory?.Dispose();
    }

    /// <summary>A build that writes.</summary>
    public sealed class OfStream(Action<Stream> build) : PlanBuild
    {
        public override void WriteTo(Stream stream) => build(stream);

        public override CachedPlan InMemory(EngineCacheKey key)
        {
            using MemoryStream stream = new();
            build(stream);
            return CachedPlan.Of(key, stream.ToArray());
        }
    }
}
