# 云府山的中文界面。键是英文，按界面分组；en.ftl 里有同样的键，tests/it/house.rs 检查二者一致。
# 状态、步骤、角色、来源等业务用语不在这里，在 vocabulary/ 里，按体系各有一份。

## 程序
app-title = 云府山
app-subtitle = 三维数字治理平台
demo-data = 演示数据
language = 语言
language-own-name = 中文
none = —
unknown = 未知
yes = 是
no = 否
close = 关闭
cancel = 取消
back = 返回
more = 更多
copy = 复制
copied = 已复制

## 标题栏：数据从哪里来，有多新
feed = 数据
feed-issues = 问题数据
feed-patrols = 巡查数据
feed-live = 实时
feed-connecting = 连接中
feed-lost = 已断开 { $age }
feed-refused = 被拒绝
feed-none = 未接入
feed-retry = { $age }后重试
feed-reason = 原因：{ $reason }
feed-lost-hint = 画面保留断开前的最后状态，恢复后自动更新
feed-refused-hint = 请检查接口地址和令牌，修改设置后重新打开
data-age = 数据 { $age }
data-from = 数据时间 { $time }
clock-scenario = 场景时间
clock-rate = { $rate } 倍速
place-code = 代码 { $code }

## 指标
counts-buildings = 建筑
counts-issues = 问题
counts-patrols = 巡查
counts-open = 未结
counts-overdue = 超期
counts-due-soon = 即将到期
counts-today-new = 今日新增
counts-today-closed = 今日办结
counts-urgent = 紧急
counts-on-duty = 在岗
counts-should-be-on-duty = 应到
counts-absent = 未到岗
counts-unplaced = 待落图
counts-on-time-rate = 按期结案率
counts-on-duty-of = 在岗 { $present } / 应到 { $expected }
counts-period-today = 今日 0 时起
counts-n-of-m = { $n } / { $m }
rate-percent = { $value }%
rate-none = —
rate-formula-on-time = 按期结案数 ÷ 应结案数

## 列表
list-issues = 问题
list-patrols = 巡查力量
list-buildings = 建筑
list-empty-issues = 没有符合条件的问题
list-empty-patrols = 没有巡查力量
list-count = 共 { $n } 条
list-shown-of = 显示 { $n } 条，共 { $total } 条
list-sort-ascending = 升序
list-sort-descending = 降序
column-number = 编号
column-title = 标题
column-class = 类别
column-state = 状态
column-urgency = 紧急程度
column-address = 地址
column-reported = 上报时间
column-deadline = 期限
column-remaining = 剩余
column-responsible = 责任人
column-department = 主办单位
column-source = 来源
column-distance = 距离
column-name = 姓名
column-kind = 类型
column-last-seen = 最近位置
column-community = 社区
column-grid = 网格
column-duty = 班次
column-speed = 速度

## 筛选：地图和列表共用
filter = 筛选
filter-state = 状态
filter-class = 类别
filter-community = 社区
filter-all-states = 全部状态
filter-open-states = 全部未结
filter-all-classes = 全部类别
filter-all-communities = 全部社区
filter-all-kinds = 全部类型
filter-overdue-only = 仅看超期
filter-urgent-only = 仅看紧急
filter-clear = 清除筛选
filter-active = 已筛选
filter-hidden = 筛选隐藏了 { $n } 条

## 图层
layers = 图层
layer-buildings = 建筑
layer-issues = 问题
layer-patrols = 巡查
layer-trails = 轨迹
layer-areas = 区域
layer-labels = 地名
layer-roads = 道路
layer-water = 水系
layer-green = 绿地

## 区域种类（图层里逐种开关）
areas-communities = 社区界
areas-grids = 网格界
areas-compounds = 小区界
areas-business-districts = 商圈界
areas-alleys = 背街小巷

## 画面
preset = 画质
preset-low = 低
preset-medium = 中
preset-high = 高
preset-automatic = 自动
view-home = 回到全景
view-north = 正北朝上
view-night = 夜间
view-day = 白天
fullscreen = 全屏
scale-bar-m = { $n } 米
scale-bar-km = { $n } 公里
compass-north = 北

## 搜索
search = 搜索
search-placeholder = 搜索 地址、小区、道路、问题
search-no-results = 没有找到“{ $query }”
search-no-results-hint = 可以输入汉字、全拼或首字母，例如 fsgy
search-results = { $n } 个结果
search-kind-building = 建筑
search-kind-address = 地址
search-kind-compound = 小区
search-kind-community = 社区
search-kind-road = 道路
search-kind-place = 地点
search-kind-issue = 问题
search-kind-patrol = 巡查
search-fly-there = 回车前往

## 卡片
card-name = 名称
card-address = 地址
card-use = 用途
card-height = 高度
card-height-value = { $metres } 米
card-base-height = 底高
card-floors = 层数
card-floors-value = { $n } 层
card-year = 建成年份
card-year-value = { $year } 年
card-subdistrict = 街道
card-community = 社区
card-grid = 网格
card-compound = 小区
card-management = 物业管理
card-management-by = { $company }
card-business-district = 商圈
card-stairwells = 楼道
card-stairwells-value = { $stairwells } 个楼道，{ $households } 户
card-stairwell = { $name } · { $households } 户
card-steward = 红管家
card-responsible = 责任人
card-department = 主办单位
card-source-data = 数据来源
card-building-id = 建筑编号
card-issues-here = 这里的问题
card-no-issues-here = 这里没有未结的问题
card-issues-in-compound = 小区内的问题
card-nearby-patrols = 附近的巡查力量
card-no-nearby-patrols = { $radius } 米内没有巡查力量
card-distance-m = { $n } 米
card-distance-km = { $n } 公里
card-fly-here = 定位
card-follow = 跟随
card-unfollow = 停止跟随
card-show-trail = 显示轨迹
card-hide-trail = 隐藏轨迹
card-not-known = 未登记

## 问题卡片
issue = 问题
issue-number = 编号 { $number }
issue-class = 类别
issue-state = 状态
issue-urgency = 紧急程度
issue-source = 来源
issue-address = 地址
issue-description = 描述
issue-reported = 上报时间
issue-updated = 最近更新
issue-closed = 结案时间
issue-deadline = 期限
issue-no-deadline = 未定期限
issue-suspended = 挂账中，期限暂停
issue-urged = 催办 { $n } 次
issue-supervised = 督办
issue-reopened = 重办 { $n } 次
issue-unplaced = 待落图
issue-other-system = { $system }的案件，编号 { $number }，状态：{ $state }
issue-open-link = 打开原系统
issue-at-building = 所在建筑
issue-history = 办理过程
issue-history-line = { $time } { $step } · { $actor }

## 巡查卡片
patrol = 巡查
patrol-kind = 类型
patrol-duty = 班次
patrol-duty-value = { $from }–{ $to }
patrol-no-duty = 今日无班次
patrol-on-duty = 在岗
patrol-absent = 应到未到
patrol-off-duty = 不当班
patrol-never-seen = 今日尚无位置
patrol-last-seen = 最近位置
patrol-speed = 速度
patrol-speed-value = { $kmh } 公里/时
patrol-standing = 停留中
patrol-accuracy = 定位精度
patrol-accuracy-value = ±{ $metres } 米
patrol-mock = 定位异常
patrol-areas = 责任区

## 时间
ago-now = 刚刚
ago-seconds = { $n } 秒前
ago-minutes = { $n } 分钟前
ago-hours = { $n } 小时前
ago-days = { $n } 天前
span-seconds = { $n } 秒
span-minutes = { $n } 分钟
span-hours = { $n } 小时
span-hours-minutes = { $hours } 小时 { $minutes } 分钟
span-days = { $n } 天
span-days-hours = { $days } 天 { $hours } 小时
remaining = 剩余 { $span }
overdue-by = 超期 { $span }
due-now = 现在到期
# strftime 格式，见 jiff::fmt::strtime
format-time = %H:%M
format-time-seconds = %H:%M:%S
format-date = %Y年%-m月%-d日
format-date-time = %Y-%m-%d %H:%M
format-date-time-short = %-m月%-d日 %H:%M
weekday-1 = 星期一
weekday-2 = 星期二
weekday-3 = 星期三
weekday-4 = 星期四
weekday-5 = 星期五
weekday-6 = 星期六
weekday-7 = 星期日

## 大屏
wall-tour = 自动巡览
wall-tour-next = 下一站 { $span }
wall-paused = 已暂停
wall-paused-resumes = 已暂停，{ $span }后继续
wall-start = 开始巡览
wall-stop = 停止巡览
wall-urgent = 紧急
wall-urgent-new = 新的紧急问题
wall-urgent-since = 已 { $span } 无人接警
wall-take = 接警
wall-taken = 已知悉
wall-taken-by = 已知悉 { $time }
wall-newest = 最新
wall-most-urgent = 最紧急
wall-nothing-urgent = 没有紧急问题

## 提示与错误
notice-loading = 正在读取建筑…
notice-loaded = 已读取 { $n } 栋建筑，用时 { $span }
notice-refused-features = { $n } 个要素无法使用
notice-repaired-features = { $n } 个要素已修复
notice-data-report = 数据检查报告
notice-no-buildings = 没有可显示的建筑
notice-no-buildings-hint = 请用 --buildings 指定 GeoJSON 文件，或用 yunfushan check 检查文件
notice-device-lost = 显卡设备丢失，正在恢复
notice-screenshot-saved = 截图已保存：{ $path }
report-title = 演示报告
report-place = 地点
report-buildings = 建筑
report-issues = 问题
report-patrols = 巡查
report-adapter = 显卡
report-preset = 画质
report-frame-time = 帧时间
report-frame-time-value = 中位数 { $median } 毫秒，95% { $p95 } 毫秒
report-first-frame = 首帧
report-memory = 内存
report-picture = 画面
report-line = { $name }：{ $value }

## 帮助
help = 操作
help-orbit = 右键拖动：旋转
help-pan = 左键拖动：平移
help-zoom = 滚轮：缩放
help-select = 单击：选择
help-keys = WASD 平移，QE 旋转，RF 俯仰，+/- 缩放
help-home = Home：回到全景
help-search = / 或 Ctrl+F：搜索
help-escape = Esc：关闭
