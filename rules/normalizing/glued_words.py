"""Words of names in scripts that write without spaces (Chinese, Japanese, Korean, Thai), put into English.

They are cut out wherever they stand, the longest first. A word here is so plain that it means the same everywhere;
single signs are left alone. Each paragraph is English, a colon, and the words.
"""

from __future__ import annotations

CHINESE_AND_JAPANESE = """
university: 大学 大學 綜合大学
graduate school: 大学院 研究生院
junior college: 短期大学
technical college: 高等専門学校 高専
college: 学院 學院 学园 学園 專科學校
institute of technology: 理工学院 工学院
university of technology: 工業大学 工业大学 理工大学 理工大學 科技大学 科技大學 工科大学
medical university: 医科大学 醫科大學 医大
normal university: 师范大学 師範大學
research institute: 研究所 研究院 研究機構 研究机构 総合研究所
research center: 研究中心 研究センター
academy of science: 科学院 科學院
society: 学会 學會
association: 協会 协会 協會 联合会 聯合會 連合会 連盟 联盟
foundation: 基金会 基金會 財団 财团
hospital: 病院 医院 醫院 中央病院
medical center: 医療センター 医疗中心 医学中心
clinic: 診療所 诊所 クリニック
center: 中心 センター
school: 学校 學校
primary school: 小学校 小学 國小
high school: 高等学校 高校 中学
middle school: 中学校
laboratory: 実験室 实验室 實驗室
library: 図書館 图书馆 圖書館
museum: 博物館 博物馆
art museum: 美術館 美术馆 美術馆
science museum: 科学館 科学馆 科學館
bank: 銀行 银行
commercial bank: 商業銀行 商业银行
insurance: 保険 保险 保險
life insurance: 生命保険 人寿保险 人壽保險
securities: 証券 证券 證券
trust: 信託 信托
investment: 投資 投资
fund: 基金
group: 集団 集团 集團 グループ
holding: ホールディングス 控股
government: 政府 市政府 县政府
city government: 市役所
ministry: 文部科学省 外務省 財務省 総務省
bureau: 管理局
committee: 委員会 委员会 委員會
council: 評議会 協議会 理事会 理事會
national: 国立 國立 国家
public: 公立
private: 私立
prefectural: 県立 府立 道立
provincial: 省立
municipal: 市立
national defense: 国防
international: 国際 国际 國際
science technology: 科学技術 科学技术 科學技術 科技
science: 科学 科學 理科
technology: 技術 技术 テクノロジー テクノロジーズ テック
engineering: 工程 エンジニアリング
industry: 工業 工业 産業 产业 產業 実業 实业
heavy industry: 重工業 重工业 重工
commerce: 商業 商业 商務
trade: 貿易 贸易 商事 物産
agriculture: 農業 农业 農林
medical: 医学 醫學 医科 醫科 医療 医疗
pharmaceutical: 製薬 制药 製藥 药业 薬品 医药
chinese medicine: 中医药 中醫藥 中医
dental: 歯科 口腔
health: 保健 健康 卫生 衛生
education: 教育
culture: 文化
art: 芸術 艺术 藝術 美術
music: 音楽 音乐 音樂
economics: 経済 经济 經濟
finance: 金融 財務 财务 財政
law: 法律
environment: 環境 环境
energy: 能源 エネルギー
electric power: 電力 电力
electric: 電機 电气 电机 電氣 電気
electronics: 電子 电子
gas: 瓦斯 ガス
oil: 石油
chemistry: 化学 化學 化工
physics chemistry: 理化学
physics: 物理
biology: 生物
mathematics: 数学 數學
information: 情報 信息 資訊
communication: 通信 通訊 通讯
telecommunication: 電信 电信 電話
network: 网络 網絡 網路 ネットワーク
software: 软件 軟體 ソフトウェア
system: システム システムズ 系统
services: 服務 服务 サービス
construction: 建設 建设 建築 建筑 建工
real estate: 不動産 房地产 地產 地产
railway: 鉄道 铁路 鐵路 铁道
airline: 航空
transport: 運輸 运输 交通 物流
shipping: 海運 海运 郵船 航运
automobile: 自動車 汽车 汽車
steel: 製鉄 製鋼 钢铁 鋼鐵 鉄鋼
food: 食品
hotel: ホテル 酒店 飯店
tourism: 観光 旅游 旅遊 観光局
media: 传媒 傳媒 メディア
newspaper: 新聞社 报社 新聞
television: 電視 电视 テレビ
publishing: 出版社 出版
police: 警察 公安局
court: 法院 裁判所
church: 教会 教會
design: デザイン 设计 設計
consulting: コンサルティング 咨询 諮詢
trading: トレーディング
japan: 日本 ジャパン
china: 中国 中國 中华 中華
korea: 韓国 韩国 韓國
america: アメリカ 美国 美國
germany: ドイツ 德国 德國
france: フランス 法国 法國
britain: イギリス 英国 英國
india: インド 印度
taiwan: 台湾 台灣 臺灣
asia: アジア 亚洲 亞洲
europe: 欧洲 歐洲 ヨーロッパ
world: 世界
"""

KOREAN = """
university: 대학교 대학
graduate school: 대학원
institute: 연구원 연구소
academy of science: 과학원
science technology: 과학기술
institute of technology: 공과대학
university of technology: 공과대학교
medical university: 의과대학
hospital: 병원
medical center: 의료원 메디컬센터
association: 협회 연합회
society: 학회
foundation: 재단
center: 센터
school: 학교
high school: 고등학교
middle school: 중학교
primary school: 초등학교
library: 도서관
museum: 박물관
art museum: 미술관
bank: 은행
insurance: 보험
life insurance: 생명보험
securities: 증권
investment: 투자
group: 그룹
holding: 홀딩스 지주
national: 국립
international: 국제
technology: 기술 테크놀로지 테크
science: 과학
industry: 산업 공업
heavy industry: 중공업
construction: 건설
electronics: 전자
electric: 전기
electric power: 전력
chemistry: 화학
pharmaceutical: 제약
steel: 제철 철강
automobile: 자동차
airline: 항공
railway: 철도
shipping: 해운
trade: 무역 상사
food: 식품
education: 교육
culture: 문화
research: 연구
development: 개발
information: 정보
communication: 통신
telecommunication: 텔레콤
system: 시스템 시스템즈
solutions: 솔루션
software: 소프트웨어
network: 네트워크 네트웍스
engineering: 엔지니어링
energy: 에너지
gas: 가스
chemicals: 케미칼
department store: 백화점
hotel: 호텔
korea: 한국 대한민국 코리아
ministry: 교육부 외교부
"""

THAI = """
university: มหาวิทยาลัย
university of technology: มหาวิทยาลัยเทคโนโลยี
rajabhat university: มหาวิทยาลัยราชภัฏ
institute: สถาบัน
college: วิทยาลัย
school: โรงเรียน
hospital: โรงพยาบาล
bank: ธนาคาร
department: กรม
ministry: กระทรวง
foundation: มูลนิธิ
association: สมาคม
center: ศูนย์
office: สำนักงาน
library: ห้องสมุด
museum: พิพิธภัณฑ์
faculty: คณะ
technology: เทคโนโลยี
science: วิทยาศาสตร์
national: แห่งชาติ
thailand: ประเทศไทย
insurance: ประกันภัย
life insurance: ประกันชีวิต
electricity: การไฟฟ้า
hotel: โรงแรม
municipality: เทศบาล
group: กรุ๊ป
"""

TABLES: tuple[str, ...] = (CHINESE_AND_JAPANESE, KOREAN, THAI)
