namespace Trt.Lite;

/// <summary>Lanes that are used again.</summary>
internal sealed class LanePool(ModelLayout layout, StageClock clock, DeviceProcessing? processing, int parallelism)
{
    private readonly Lock gate = new();
    private readonly Stack<Lane> free = new();

    public Lane Take()
    {
        lock (gate)
        {
            if (free.TryPop(out Lane? lane))
            {
                return lane;
            }
        }

        return new Lane(layout, clock, processing, parallelism);
    }

    public void Return(Lane lane)
    {
        lock (gate)
        {
            free.Push(lane);
        }
    }
}
